/** Addresses that connections came from, each with the stretches [first ms, last ms] in which it was seen. */
export type Whereabouts = Record<string, [fromMs: number, toMs: number][]>;
/** In a slice: each connection's address with its first and last time, by the gateway's clock. */
export type Seen = Record<string, [fromMs: number, toMs: number]>;

/** Per ten seconds; an agent of more has no place at all, and its networks are strange anyway. */
const SEEN_MAX = 8;
/** Seen again from the same address within this time it was there meanwhile. */
const STAYED_MS = 600_000;
/** The longest journey on earth at the speed limit takes 20 h. */
const KEPT_MS = 24 * 3_600_000;
const ADDRESSES_MAX = 16;
const STRETCHES_MAX = 16;

/** Notes an address at a time, in place. Which ones survive the limit does not depend on the order. */
export function noteSeen(seen: Seen, address: string, atMs: number): void {
  const stretch = seen[address];
  if (stretch) {
    if (atMs < stretch[0]) stretch[0] = atMs;
    if (atMs > stretch[1]) stretch[1] = atMs;
    return;
  }
  seen[address] = [atMs, atMs];
  const addresses = Object.keys(seen);
  if (addresses.length > SEEN_MAX) delete seen[addresses.sort().at(-1) ?? address];
}

/** Both sets of sightings as one, as a new one; commutative and associative. */
export function mergeSeen(a: Seen | undefined, b: Seen | undefined): Seen | undefined {
  if (!a && !b) return undefined;
  const merged: Seen = {};
  for (const part of [a, b])
    for (const [address, [from, to]] of Object.entries(part ?? {})) {
      noteSeen(merged, address, from);
      if (merged[address]) noteSeen(merged, address, to);
    }
  return merged;
}

/** Adds sightings to what is known of an agent, and forgets what no journey can reach back to. */
export function addSightings(known: Whereabouts, seen: readonly Seen[]): Whereabouts {
  const all = new Map(Object.entries(known));
  for (const part of seen)
    for (const [address, stretch] of Object.entries(part))
      all.set(address, joined([...(all.get(address) ?? []), stretch]));
  const latest = Math.max(...[...all.values()].flat().map(([, to]) => to));
  const kept = [...all]
    .map(([address, stretches]) => ({
      address,
      stretches: stretches.filter(([, to]) => to > latest - KEPT_MS),
    }))
    .filter(({ stretches }) => stretches.length > 0)
    .sort((a, b) => lastOf(b.stretches) - lastOf(a.stretches) || (a.address < b.address ? -1 : 1))
    .slice(0, ADDRESSES_MAX);
  return Object.fromEntries(kept.map(({ address, stretches }) => [address, stretches.slice(-STRETCHES_MAX)]));
}

function joined(stretches: readonly [number, number][]): [number, number][] {
  const sorted = [...stretches].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const whole: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = whole[whole.length - 1];
    if (last && from - last[1] <= STAYED_MS) last[1] = Math.max(last[1], to);
    else whole.push([from, to]);
  }
  return whole;
}

const lastOf = (stretches: readonly [number, number][]) => Math.max(...stretches.map(([, to]) => to));

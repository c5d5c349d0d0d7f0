/** Counts by key with an end: the `limit` smallest keys by name are kept, everything else is in `other`. */
export type Counter = { n: Record<string, number>; other: number };

const KEY_CHARS_MAX = 80;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/g;

export function emptyCounter(): Counter {
  return { n: {}, other: 0 };
}

/**
 * Adds to a key's count, in place. Keys come from agents: they are cut, and what PostgreSQL's JSON cannot
 * hold is taken out. Which keys survive the limit does not depend on the order of additions.
 */
export function addTo(counter: Counter, rawKey: string, count: number, limit: number): void {
  const key = cleanKey(rawKey);
  if (Object.hasOwn(counter.n, key)) {
    counter.n[key] = (counter.n[key] ?? 0) + count;
    return;
  }
  if (key === "__proto__") {
    counter.other += count;
    return;
  }
  counter.n[key] = count;
  const keys = Object.keys(counter.n);
  if (keys.length <= limit) return;
  let largest = key;
  for (const other of keys) if (other > largest) largest = other;
  counter.other += counter.n[largest] ?? 0;
  delete counter.n[largest];
}

/** The sum of two counters, as a new one. */
export function mergeCounters(a: Counter, b: Counter, limit: number): Counter {
  const merged: Counter = { n: { ...a.n }, other: a.other + b.other };
  for (const key in b.n) addTo(merged, key, b.n[key] ?? 0, limit);
  return merged;
}

/** How much was counted in all. */
export function totalOf(counter: Counter): number {
  let total = counter.other;
  for (const key in counter.n) total += counter.n[key] ?? 0;
  return total;
}

function cleanKey(key: string): string {
  const cut = key.length > KEY_CHARS_MAX ? key.slice(0, KEY_CHARS_MAX) : key;
  CONTROL.lastIndex = 0;
  const plain = CONTROL.test(cut) ? cut.replace(CONTROL, "?") : cut;
  return plain.isWellFormed() ? plain : plain.toWellFormed();
}

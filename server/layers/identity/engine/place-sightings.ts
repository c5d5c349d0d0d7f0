import { earlier, later } from "../../../kernel/instants.ts";
import type { ShadowWay, Sighting } from "../shadow-schema.ts";

/** Open findings of one way; nobody outside can make more, nor crowd out those of another way. */
export const OPEN_PER_WAY_MAX = 200;
/** New findings of one way in one writing of one gateway (ten seconds). */
export const NEW_PER_WRITE_MAX = 20;
/** Rows that count many identities by network; beyond, networks are counted together. */
export const MANY_PER_WAY_MAX = 50;
/** What `claimed` of a row that counts many begins with. */
export const MANY = "* ";

/** What is there: the keys of every row, and the open rows of each way. */
export type Placed = {
  rows: ReadonlySet<string>;
  open: ReadonlyMap<ShadowWay, { single: number; many: number }>;
};

/** What makes a finding one finding. */
export const sightingKey = ({ claimed, issuer }: { claimed: string; issuer: string }) =>
  `${claimed}\n${issuer}`;

/**
 * Gives each sighting its row: its own where there is one or room for one, otherwise one that counts its network,
 * and where there are too many networks, one for all others. Sightings of one row are one.
 */
export function placeSightings(sightings: readonly Sighting[], placed: Placed): Sighting[] {
  const rows = new Map<string, Sighting>();
  const made = new Map<ShadowWay, { single: number; many: number }>();
  const put = (sighting: Sighting) => {
    const key = sightingKey(sighting);
    rows.set(key, merge(rows.get(key), sighting));
  };
  for (const sighting of [...sightings].sort((a, b) => a.firstAt.getTime() - b.firstAt.getTime())) {
    const { way } = sighting;
    const open = placed.open.get(way) ?? { single: 0, many: 0 };
    const fresh = made.get(way) ?? { single: 0, many: 0 };
    made.set(way, fresh);
    const isThere = (one: Sighting) => placed.rows.has(sightingKey(one)) || rows.has(sightingKey(one));
    if (isThere(sighting)) put(sighting);
    else if (
      !isMany(sighting) &&
      fresh.single < NEW_PER_WRITE_MAX &&
      open.single + fresh.single < OPEN_PER_WAY_MAX
    ) {
      fresh.single += 1;
      put(sighting);
    } else {
      const network = manyOf(sighting, sighting.network);
      const isNew = !isThere(network);
      if (isNew && open.many + fresh.many >= MANY_PER_WAY_MAX) put(manyOf(sighting, "other networks"));
      else {
        if (isNew) fresh.many += 1;
        put(network);
      }
    }
  }
  return [...rows.values()];
}

/** A sighting told of its network alone. */
export function manyOf(sighting: Sighting, network: string): Sighting {
  return { ...sighting, claimed: `${MANY}${network}`, issuer: sighting.way, evidence: "", network };
}

export const isMany = ({ claimed }: { claimed: string }) => claimed.startsWith(MANY);

function merge(held: Sighting | undefined, next: Sighting): Sighting {
  if (!held) return next;
  return {
    ...next,
    way: held.way,
    count: held.count + next.count,
    firstAt: earlier(held.firstAt, next.firstAt),
    lastAt: later(held.lastAt, next.lastAt),
  };
}

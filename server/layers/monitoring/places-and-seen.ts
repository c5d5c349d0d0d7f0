import type { Database } from "../../../db/client.ts";
import { type PlaceFinder, placesOf } from "./engine/place-of.ts";
import { addSightings, type Seen, type Whereabouts } from "./engine/sightings.ts";
import type { Slice } from "./engine/slice.ts";
import { allPlaces, whereaboutsOf } from "./place-store.ts";

export type PlacesAndSeen = {
  placeOf: PlaceFinder;
  /** Everything known of each agent, with what its slices say now. */
  known: Map<string, Whereabouts>;
  /** What of it is new and to be stored. */
  changed: Map<string, Whereabouts>;
};

/** Where networks are, and from where agents were seen; null while no place is known. Reads only. */
export async function placesAndSeen(
  db: Database,
  agentIds: readonly string[],
  slices: ReadonlyMap<string, ReadonlyMap<number, Slice>>,
): Promise<PlacesAndSeen | null> {
  const places = await allPlaces(db);
  if (places.length === 0 || agentIds.length === 0) return null;
  const placeOf = placesOf(places);
  const stored = await whereaboutsOf(db, agentIds);
  const known = new Map<string, Whereabouts>();
  const changed = new Map<string, Whereabouts>();
  for (const agentId of agentIds) {
    const before = stored.get(agentId) ?? {};
    const placed = [...(slices.get(agentId)?.values() ?? [])].flatMap(({ seen }) => withPlace(seen, placeOf));
    const now = placed.length > 0 ? addSightings(before, placed) : before;
    known.set(agentId, now);
    if (JSON.stringify(now) !== JSON.stringify(before)) changed.set(agentId, now);
  }
  return { placeOf, known, changed };
}

/** Addresses that are nowhere are not kept. */
function withPlace(seen: Seen | undefined, placeOf: PlaceFinder): Seen[] {
  const placed = Object.entries(seen ?? {}).filter(([address]) => placeOf(address) !== null);
  return placed.length > 0 ? [Object.fromEntries(placed)] : [];
}

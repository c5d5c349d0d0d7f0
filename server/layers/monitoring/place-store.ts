import { asc, eq, inArray, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { places, whereabouts } from "../../../db/schema/index.ts";
import type { Whereabouts } from "./engine/sightings.ts";
import { PLACES_MAX, type Place } from "./place-schema.ts";

type Source = Database | Tx;

/** All places, by name. */
export async function allPlaces(db: Source): Promise<Place[]> {
  const rows = await db
    .select({
      ...{ id: places.id, name: places.name, country: places.country, prefix: places.prefix },
      ...{ latitude: places.latitude, longitude: places.longitude, kind: places.kind },
    })
    .from(places)
    .orderBy(asc(places.name), asc(places.prefix))
    .limit(PLACES_MAX);
  return rows as Place[];
}

/** Adds a place; false where its prefix has one already. */
export async function insertPlace(tx: Tx, row: typeof places.$inferInsert): Promise<boolean> {
  const added = await tx.insert(places).values(row).onConflictDoNothing().returning({ id: places.id });
  return added.length > 0;
}

/** Removes a place and returns it, or null where it is gone. */
export async function deletePlace(tx: Tx, id: string): Promise<typeof places.$inferSelect | null> {
  const [row] = await tx.delete(places).where(eq(places.id, id)).returning();
  return row ?? null;
}

/** From where these agents were seen in the last day. */
export async function whereaboutsOf(
  db: Source,
  agentIds: readonly string[],
): Promise<Map<string, Whereabouts>> {
  const rows = await db
    .select()
    .from(whereabouts)
    .where(inArray(whereabouts.agentId, [...agentIds]));
  return new Map(rows.map(({ agentId, seen }) => [agentId, seen as Whereabouts]));
}

export async function writeWhereabouts(
  tx: Tx,
  rows: readonly { agentId: string; seen: Whereabouts }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insert(whereabouts)
    .values([...rows])
    .onConflictDoUpdate({ target: whereabouts.agentId, set: { seen: sql`excluded.seen` } });
}

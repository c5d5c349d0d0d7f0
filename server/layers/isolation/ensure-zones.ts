import type { Database } from "../../../db/client.ts";
import { zoneEdges, zones } from "../../../db/schema/index.ts";
import { DEFAULT_EDGES, DEFAULT_ZONES } from "./default-zones.ts";

/**
 * Gives a new installation its zones and edges; one that has any zone is left as its operators made it.
 * Part of setting up, before any person exists: it asks no permission.
 */
export async function ensureZones(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    const made = await tx
      .insert(zones)
      .values([...DEFAULT_ZONES])
      .onConflictDoNothing()
      .returning();
    if (made.length < DEFAULT_ZONES.length) return;
    await tx
      .insert(zoneEdges)
      .values([...DEFAULT_EDGES])
      .onConflictDoNothing();
  });
}

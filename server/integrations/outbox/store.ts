import { and, asc, eq, isNull, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { destinations, outbox } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";

export type DestinationRow = typeof destinations.$inferSelect;
export type OutboxRow = typeof outbox.$inferSelect;
type Source = Database | Tx;

/** Where a destination's secret lives: what it is sealed for. */
export const secretContext = (destinationId: string) => `destinations/${destinationId}/secret`;

export async function enabledDestinations(db: Source): Promise<DestinationRow[]> {
  return db
    .select()
    .from(destinations)
    .where(eq(destinations.enabled, true))
    .orderBy(asc(destinations.createdAt));
}

/** @throws NotFoundError `destination_unknown`. */
export async function destinationById(db: Source, id: string): Promise<DestinationRow> {
  const [row] = await db.select().from(destinations).where(eq(destinations.id, id));
  if (!row)
    throw new NotFoundError("destination_unknown", "There is no such destination.", { destination: id });
  return row;
}

/** The first message that a destination has not got: those behind it wait for it. */
export async function headOf(db: Source, destinationId: string): Promise<OutboxRow | null> {
  const [row] = await db
    .select()
    .from(outbox)
    .where(and(eq(outbox.destinationId, destinationId), isNull(outbox.deliveredAt), isNull(outbox.deadAt)))
    .orderBy(asc(outbox.id))
    .limit(1);
  return row ?? null;
}

/** For each destination how many messages wait, since when, and how many are dead letters. */
export async function queues(
  db: Source,
): Promise<Map<string, { waiting: number; oldestAt: Date | null; dead: number }>> {
  const rows = await db
    .select({
      id: outbox.destinationId,
      waiting: sql<number>`count(*) filter (where dead_at is null)::int`,
      oldestAt: sql<string | null>`min(created_at) filter (where dead_at is null)`,
      dead: sql<number>`count(*) filter (where dead_at is not null)::int`,
    })
    .from(outbox)
    .where(isNull(outbox.deliveredAt))
    .groupBy(outbox.destinationId);
  return new Map(
    rows.map(({ id, waiting, oldestAt, dead }) => [
      id,
      { waiting, oldestAt: oldestAt ? new Date(oldestAt) : null, dead },
    ]),
  );
}

import { and, asc, count, desc, eq, isNull, lte, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agents, alertActItems, alertActs, alerts, incidents, users } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { type Asking, conditions } from "../../layers/monitoring/alert-conditions.ts";
import { type AlertActView, alertActView, type BulkName } from "../../layers/monitoring/alert-work-schema.ts";
import type { ReadFilter } from "../../layers/monitoring/schema.ts";

export type ActRow = typeof alertActs.$inferSelect;
type Chosen = { id: string; version: number; changedAt: Date | null };
const ITEMS_AT_ONCE = 1_000;
const EXCEPTIONS_SHOWN = 200;

export async function findAct(db: Database | Tx, id: string): Promise<ActRow | null> {
  const [row] = await db.select().from(alertActs).where(eq(alertActs.id, id));
  return row ?? null;
}

/** Writes the act. @returns whether it is new: of two that send the same id at once, one writes it. */
export async function insertAct(
  tx: Tx,
  act: Omit<typeof alertActs.$inferInsert, "action"> & { action: BulkName },
): Promise<boolean> {
  const rows = await tx.insert(alertActs).values(act).onConflictDoNothing().returning({ id: alertActs.id });
  return rows.length > 0;
}

export async function insertItems(tx: Tx, items: (typeof alertActItems.$inferInsert)[]): Promise<void> {
  for (let from = 0; from < items.length; from += ITEMS_AT_ONCE)
    await tx.insert(alertActItems).values(items.slice(from, from + ITEMS_AT_ONCE));
}

/** Alerts that pass the filter and were opened by then, oldest first, `limit` at most. */
export function chosenBy(
  tx: Tx,
  { filter, asking, limit }: { filter: ReadFilter; asking: Asking; limit: number },
): Promise<Chosen[]> {
  return tx
    .select({ id: alerts.id, version: alerts.version, changedAt: alerts.changedAt })
    .from(alerts)
    .leftJoin(agents, eq(agents.id, alerts.agentId))
    .leftJoin(users, eq(users.id, alerts.ownerId))
    .leftJoin(incidents, eq(incidents.id, alerts.incidentId))
    .where(and(...conditions(filter, asking), lte(alerts.openedAt, asking.now)))
    .orderBy(asc(alerts.openedAt), asc(alerts.id))
    .limit(limit);
}

/** The next alerts of an act that wait, held: whoever sends it at the same time takes others. */
export function takeItems(
  tx: Tx,
  actId: string,
  limit: number,
): Promise<{ alertId: string; version: number }[]> {
  return tx
    .select({ alertId: alertActItems.alertId, version: alertActItems.version })
    .from(alertActItems)
    .where(and(eq(alertActItems.actId, actId), isNull(alertActItems.outcome)))
    .orderBy(asc(alertActItems.position))
    .limit(limit)
    .for("update", { skipLocked: true });
}

export async function settleItem(
  tx: Tx,
  of: { actId: string; alertId: string },
  came: { outcome: "done" | "changed" | "refused"; by?: string | null; detail?: string | null; now: Date },
): Promise<void> {
  await tx
    .update(alertActItems)
    .set({ outcome: came.outcome, by: came.by ?? null, detail: came.detail ?? null, decidedAt: came.now })
    .where(and(eq(alertActItems.actId, of.actId), eq(alertActItems.alertId, of.alertId)));
}

export async function keepIncident(tx: Tx, actId: string, incidentId: string): Promise<void> {
  await tx.update(alertActs).set({ incidentId }).where(eq(alertActs.id, actId));
}

/** Marks an act as finished where nothing of it waits any more. */
export async function finishAct(db: Database, actId: string, now: Date): Promise<void> {
  await db
    .update(alertActs)
    .set({ finishedAt: now })
    .where(
      and(
        eq(alertActs.id, actId),
        isNull(alertActs.finishedAt),
        sql`not exists (select 1 from alert_act_items i where i.act_id = ${actId} and i.outcome is null)`,
      ),
    );
}

/** How far an act has come, and what did not come to be as asked. @throws NotFoundError `act_unknown`. */
export async function actView(db: Database, actId: string): Promise<AlertActView> {
  const act = await findAct(db, actId);
  if (!act) throw new NotFoundError("act_unknown", "There is no such act.");
  const counted = await db
    .select({ outcome: alertActItems.outcome, n: count() })
    .from(alertActItems)
    .where(eq(alertActItems.actId, actId))
    .groupBy(alertActItems.outcome);
  const of = (outcome: string | null) => counted.find((row) => row.outcome === outcome)?.n ?? 0;
  const { outcome, by, detail } = alertActItems;
  const exceptions = await db
    .select({ number: alerts.number, outcome, by, detail })
    .from(alertActItems)
    .innerJoin(alerts, eq(alerts.id, alertActItems.alertId))
    .where(and(eq(alertActItems.actId, actId), sql`${outcome} in ('changed', 'refused')`))
    .orderBy(desc(alerts.number))
    .limit(EXCEPTIONS_SHOWN);
  return alertActView.parse({
    ...{ actId, action: act.action, total: act.total, missing: act.missing, exceptions },
    ...{ done: of("done"), changed: of("changed"), refused: of("refused"), waiting: of(null) },
  });
}

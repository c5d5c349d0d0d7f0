import { and, desc, eq, gt, isNull, or, type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agents, alertSuppressions, alerts } from "../../../db/schema/index.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { type SuppressionView, suppressionView } from "./alert-work-schema.ts";

type Source = Database | Tx;
const SHOWN_MAX = 200;

/** Writes a suppression. Whoever decides on one of this agent and rule meanwhile waits. */
export async function insertSuppression(
  tx: Tx,
  {
    actor,
    now,
    ...row
  }: Omit<typeof alertSuppressions.$inferInsert, "createdAt" | "createdBy"> & { actor: Actor; now: Date },
): Promise<void> {
  await tx.insert(alertSuppressions).values({ ...row, createdAt: now, createdBy: actorRecord(actor).name });
}

/** What already suppresses the same, or more, now. Two who decide at once come one after the other. */
export async function liveSuppression(
  tx: Tx,
  of: { agentId: string; rule: string; cause: string | null; now: Date },
): Promise<SuppressionView | null> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`suppress/${of.agentId}/${of.rule}`}))`);
  const wider = isNull(alertSuppressions.cause);
  const [row] = await suppressions(
    tx,
    and(
      eq(alertSuppressions.agentId, of.agentId),
      eq(alertSuppressions.rule, of.rule),
      of.cause === null ? wider : or(wider, eq(alertSuppressions.cause, of.cause)),
      live(of.now),
    ),
  );
  return row ?? null;
}

/** What is suppressed now, that which ends last first. */
export function liveSuppressions(db: Source, now: Date): Promise<SuppressionView[]> {
  return suppressions(db, live(now));
}

/** The newest suppression that was decided on an alert, ended or not. */
export async function suppressionOf(db: Source, alertId: string): Promise<SuppressionView | null> {
  return (await suppressions(db, eq(alertSuppressions.alertId, alertId)))[0] ?? null;
}

export async function suppressionById(db: Source, id: string): Promise<SuppressionView | null> {
  return (await suppressions(db, eq(alertSuppressions.id, id)))[0] ?? null;
}

/** Ends a suppression that still holds. @returns whether it did. */
export async function endSuppression(
  tx: Tx,
  end: { id: string; by: string; reason: string; now: Date },
): Promise<boolean> {
  const rows = await tx
    .update(alertSuppressions)
    .set({ liftedAt: end.now, liftedBy: end.by, liftReason: end.reason })
    .where(and(eq(alertSuppressions.id, end.id), live(end.now)))
    .returning({ id: alertSuppressions.id });
  return rows.length > 0;
}

function live(now: Date): SQL | undefined {
  return and(isNull(alertSuppressions.liftedAt), gt(alertSuppressions.until, now));
}

async function suppressions(db: Source, where: SQL | undefined): Promise<SuppressionView[]> {
  const rows = await db
    .select({
      suppression: alertSuppressions,
      agent: { id: agents.id, name: agents.name },
      alertNumber: alerts.number,
    })
    .from(alertSuppressions)
    .innerJoin(agents, eq(agents.id, alertSuppressions.agentId))
    .innerJoin(alerts, eq(alerts.id, alertSuppressions.alertId))
    .where(where)
    .orderBy(desc(alertSuppressions.until), desc(alertSuppressions.id))
    .limit(SHOWN_MAX);
  return rows.map(({ suppression, ...rest }) => suppressionView.parse({ ...suppression, ...rest }));
}

import { and, eq, isNull, ne, type SQL, sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { alertOccurrences, alertSuppressions, alerts } from "../../../db/schema/index.ts";
import { ensure } from "../../kernel/ensure.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { ALERT_SEVERITIES, type AlertSeverity } from "./schema.ts";

type NewAlert = Omit<
  typeof alerts.$inferInsert,
  "agentId" | "cause" | "openedAt" | "lastSeenAt" | "severity"
> & {
  agentId: string | null;
  cause: string;
  severity: AlertSeverity;
  now: Date;
  quietMs: number;
};
type Found = { id: string; number: number };
export type Raised = Found & { isNew: boolean; counted: boolean };

/** How many minutes of an alert's history are kept; the oldest give way. */
export const OCCURRENCE_MINUTES_MAX = 500;

/** Inserts the alert, or counts it on the one that is not closed; races end with one row. */
export async function upsertOpenAlert(tx: Tx, { now, quietMs, ...alert }: NewAlert): Promise<Raised> {
  if (alert.agentId === null) {
    // The unique index tells no two alerts without an agent apart: they wait for each other here.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`alert/${alert.rule}`}))`);
    const [open] = await tx
      .select({ id: alerts.id, number: alerts.number })
      .from(alerts)
      .where(and(isNull(alerts.agentId), ...sameOpen(alert)));
    if (open) {
      await tx.update(alerts).set(countedAgain(alert, now)).where(eq(alerts.id, open.id));
      return { ...open, isNew: false, counted: true };
    }
  }
  const [row] = await tx
    .insert(alerts)
    .values({ ...alert, openedAt: now, lastSeenAt: now })
    .onConflictDoUpdate({
      target: [alerts.agentId, alerts.rule, alerts.cause],
      targetWhere: sql`status <> 'closed'`,
      set: countedAgain(alert, now),
      setWhere: quietSince(now, quietMs),
    })
    .returning({ id: alerts.id, number: alerts.number });
  if (row) return { ...row, isNew: row.id === alert.id, counted: true };
  const [open] = await tx
    .select({ id: alerts.id, number: alerts.number })
    .from(alerts)
    .where(and(eq(alerts.agentId, alert.agentId ?? ""), ...sameOpen(alert)));
  if (!open) throw new NotFoundError("alert_unknown", "The alert was closed in this moment.");
  return { ...open, isNew: false, counted: false };
}

/**
 * Where an alert goes that shall not open one of its own: to the tally of what suppresses it now, or to the alert
 * that its like was merged into. One reading for both; null where it is raised as usual.
 */
export async function divertedTo(
  tx: Tx,
  { agentId, rule, cause, now }: { agentId: string; rule: string; cause: string; now: Date },
): Promise<{ kind: "suppressed" | "merged"; id: string; alertId: string; number: number } | null> {
  const { rows } = await tx.execute<{
    kind: "suppressed" | "merged";
    id: string;
    alertId: string;
    number: number;
  }>(sql`
    select * from (
      select 'suppressed' as kind, s.id, s.alert_id as "alertId", a.number, s.until
      from alert_suppressions s join alerts a on a.id = s.alert_id
      where s.agent_id = ${agentId} and s.rule = ${rule} and (s.cause is null or s.cause = ${cause})
        and s.lifted_at is null and s.until > ${now}
      union all
      select 'merged', t.id, t.id, t.number, null
      from alerts m join alerts t on t.id = m.merged_into
      where m.agent_id = ${agentId} and m.rule = ${rule} and m.cause = ${cause} and t.status <> 'closed'
    ) diverted order by kind desc, until desc limit 1`);
  return rows[0] ?? null;
}

/** Counts on the tally of a suppression. */
export async function countSuppressed(tx: Tx, id: string, now: Date): Promise<void> {
  await tx
    .update(alertSuppressions)
    .set({ count: sql`${alertSuppressions.count} + 1`, lastSeenAt: now })
    .where(eq(alertSuppressions.id, id));
}

/** Counts an alert on the one that its like was merged into. @returns whether its quiet time was over. */
export async function countOnMerged(
  tx: Tx,
  id: string,
  { now, quietMs, ...alert }: NewAlert,
): Promise<boolean> {
  const rows = await tx
    .update(alerts)
    .set(countedAgain(alert, now))
    .where(and(eq(alerts.id, id), quietSince(now, quietMs)))
    .returning({ id: alerts.id });
  return rows.length > 0;
}

/** Adds to the alert's minute; where the minute is new, the oldest beyond the bound goes. */
export async function noteOccurrence(
  tx: Tx,
  seen: { alertId: string; severity: AlertSeverity; score: number | null; now: Date },
): Promise<void> {
  const minute = new Date(Math.floor(seen.now.getTime() / 60_000) * 60_000);
  const [row] = await tx
    .insert(alertOccurrences)
    .values({ alertId: seen.alertId, minute, severity: seen.severity, score: seen.score })
    .onConflictDoUpdate({
      target: [alertOccurrences.alertId, alertOccurrences.minute],
      set: {
        count: sql`${alertOccurrences.count} + 1`,
        score: sql`greatest(${alertOccurrences.score}, ${seen.score}::double precision)`,
        severity: graver(seen.severity, alertOccurrences.severity),
      },
    })
    .returning({ count: alertOccurrences.count });
  ensure(row, "an occurrence was noted");
  if (row.count > 1) return;
  await tx.execute(sql`
    delete from alert_occurrences where alert_id = ${seen.alertId} and minute <= (
      select minute from alert_occurrences where alert_id = ${seen.alertId}
      order by minute desc offset ${OCCURRENCE_MINUTES_MAX} limit 1)`);
}

function sameOpen(alert: { rule: string; cause: string }): SQL[] {
  return [eq(alerts.rule, alert.rule), eq(alerts.cause, alert.cause), ne(alerts.status, "closed")];
}

function quietSince(now: Date, quietMs: number): SQL {
  return sql`${alerts.lastSeenAt} <= ${new Date(now.getTime() - quietMs)}`;
}

function countedAgain(
  alert: { severity: AlertSeverity; title: string; detail: unknown; score?: number | null | undefined },
  now: Date,
) {
  const isGraver = sql`${rank(sql`${alert.severity}::text`)} > ${rank(sql`${alerts.severity}`)}`;
  return {
    count: sql`${alerts.count} + 1`,
    lastSeenAt: sql`greatest(${alerts.lastSeenAt}, ${now})`,
    severity: graver(alert.severity, alerts.severity),
    title: sql`case when ${isGraver} then ${alert.title}::text else ${alerts.title} end`,
    detail: alert.detail,
    score: sql`greatest(${alerts.score}, ${alert.score ?? null}::double precision)`,
  };
}

function graver(severity: AlertSeverity, stored: typeof alerts.severity | typeof alertOccurrences.severity) {
  return sql`case when ${rank(sql`${severity}::text`)} > ${rank(sql`${stored}`)} then ${severity}::text else ${stored} end`;
}

const SEVERITY_ARRAY = `array[${ALERT_SEVERITIES.map((severity) => `'${severity}'`).join(",")}]::text[]`;
/** How grave a severity is, for comparing. */
export const rank = (severity: SQL) => sql`array_position(${sql.raw(SEVERITY_ARRAY)}, ${severity})`;

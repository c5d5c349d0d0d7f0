import { and, asc, desc, eq, ne, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Database } from "../../../db/client.ts";
import { agents, alertOccurrences, alerts, responseStates } from "../../../db/schema/index.ts";
import type { AlertDetail, alertTimes, ruleRecord } from "./alert-work-schema.ts";
import { OCCURRENCE_MINUTES_MAX } from "./raise-store.ts";
import { type AlertView, alertView } from "./schema.ts";
import { views } from "./store.ts";

const RELATED_MAX = 20;
const RECORD_DAYS = 90;
const DAY_MS = 86_400_000;

/** The same rule's alerts on other agents, the newest first. */
export async function similarTo(db: Database, alert: AlertView): Promise<AlertView[]> {
  const other = alert.agent ? ne(alerts.agentId, alert.agent.id) : undefined;
  const rows = await views(db)
    .where(and(eq(alerts.rule, alert.rule), ne(alerts.id, alert.id), other))
    .orderBy(desc(alerts.openedAt))
    .limit(8);
  return rows.map((row) => alertView.parse(row));
}

/** The others of its agent and cause that are not closed. */
export async function groupOf(db: Database, alert: AlertView): Promise<AlertView[]> {
  if (!alert.agent) return [];
  const rows = await views(db)
    .where(
      and(
        eq(alerts.agentId, alert.agent.id),
        eq(alerts.groupKey, alert.groupKey),
        ne(alerts.id, alert.id),
        ne(alerts.status, "closed"),
      ),
    )
    .orderBy(desc(alerts.openedAt))
    .limit(RELATED_MAX);
  return rows.map((row) => alertView.parse(row));
}

/** The alerts that were merged into this one. */
export async function mergedInto(db: Database, alertId: string): Promise<AlertView[]> {
  const rows = await views(db)
    .where(eq(alerts.mergedInto, alertId))
    .orderBy(asc(alerts.number))
    .limit(RELATED_MAX);
  return rows.map((row) => alertView.parse(row));
}

/** How often it was raised, minute by minute, the newest first. */
export function occurrencesOf(db: Database, alertId: string): Promise<AlertDetail["occurrences"]> {
  const { minute, count, score, severity } = alertOccurrences;
  return db
    .select({ minute, count, score, severity })
    .from(alertOccurrences)
    .where(eq(alertOccurrences.alertId, alertId))
    .orderBy(desc(minute))
    .limit(OCCURRENCE_MINUTES_MAX);
}

/** What was raised by a rule in the last ninety days and how it was judged; a verdict that has ended is left out. */
export async function recordOfRule(
  db: Database,
  rule: string,
  now: Date,
): Promise<z.infer<typeof ruleRecord>> {
  const since = new Date(now.getTime() - RECORD_DAYS * DAY_MS);
  const rows = await db
    .select({ verdict: alerts.disposition, count: sql<number>`count(*)::int` })
    .from(alerts)
    .where(
      and(
        eq(alerts.rule, rule),
        sql`${alerts.openedAt} >= ${since}`,
        sql`(${alerts.verdictUntil} is null or ${alerts.verdictUntil} > ${now})`,
      ),
    )
    .groupBy(alerts.disposition);
  const verdicts: Record<string, number> = {};
  for (const { verdict, count } of rows) if (verdict) verdicts[verdict] = count;
  const judged = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
  return {
    days: RECORD_DAYS,
    raised: rows.reduce((sum, { count }) => sum + count, 0),
    verdicts,
    falsePositiveRate: judged === 0 ? null : (verdicts["false-positive"] ?? 0) / judged,
  };
}

/** Where its agent stands now. */
export async function agentStateOf(db: Database, agentId: string): Promise<AlertDetail["agentState"]> {
  const [row] = await db
    .select({ status: agents.status, level: responseStates.level, score: responseStates.score })
    .from(agents)
    .leftJoin(responseStates, eq(responseStates.agentId, agents.id))
    .where(eq(agents.id, agentId));
  return row ?? null;
}

/** Mean times from an alert's opening to its first acknowledgement and to its last closing, by what was written down. */
export async function timesSince(
  db: Database,
  since: Date,
): Promise<Omit<z.infer<typeof alertTimes>, "days">> {
  const { rows } = await db.execute<{
    acked: number;
    toAck: number | null;
    closed: number;
    toClose: number | null;
  }>(sql`
    with opened as (select id, opened_at, merged_into, status from alerts where opened_at >= ${since}),
    spans as (
      select o.opened_at, o.status, o.merged_into,
        min(t.at) filter (where t.status_before = 'open' and t.status_after <> 'open' and t.kind <> 'merged') as first_at,
        max(t.at) filter (where t.kind = 'closed') as closed_at
      from opened o join alert_transitions t on t.alert_id = o.id group by o.id, o.opened_at, o.status, o.merged_into
    )
    select count(first_at)::int as acked, avg(extract(epoch from first_at - opened_at))::float8 as "toAck",
      count(closed_at) filter (where status = 'closed' and merged_into is null)::int as closed,
      (avg(extract(epoch from closed_at - opened_at)) filter (where status = 'closed' and merged_into is null))::float8 as "toClose"
    from spans`);
  const [row] = rows;
  return {
    acknowledged: { count: row?.acked ?? 0, meanSeconds: row?.toAck ?? null },
    resolved: { count: row?.closed ?? 0, meanSeconds: row?.toClose ?? null },
  };
}

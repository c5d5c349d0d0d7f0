import { sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";

/** What became of a rule's alerts lately, for the list of rules. */
export type RuleStats = {
  rule: string;
  lastFiredAt: Date | null;
  firings: number;
  alerts: number;
  open: number;
  closed: number;
  falsePositives: number;
};

/** Firings and alerts of each rule since an instant; when it last fired, whenever that was. */
export async function ruleStats(db: Database, since: Date): Promise<Map<string, RuleStats>> {
  const { rows } = await db.execute<Omit<RuleStats, "lastFiredAt"> & { lastFiredMs: string | null }>(sql`
    select coalesce(f.rule, a.rule) as rule, f.last as "lastFiredMs", coalesce(f.firings, 0)::int as firings,
      coalesce(a.alerts, 0)::int as alerts, coalesce(a.open, 0)::int as open,
      coalesce(a.closed, 0)::int as closed, coalesce(a.wrong, 0)::int as "falsePositives"
    from (select rule, (extract(epoch from max(fired_at)) * 1000)::bigint as last,
        count(*) filter (where fired_at >= ${since}) as firings from rule_firings group by rule) f
    full join (select rule, count(*) as alerts, count(*) filter (where status <> 'closed') as open,
        count(*) filter (where status = 'closed') as closed,
        count(*) filter (where disposition = 'false-positive') as wrong
      from alerts where kind = 'rule' and last_seen_at >= ${since} group by rule) a on a.rule = f.rule`);
  return new Map(
    rows.map(({ lastFiredMs, ...row }) => [
      row.rule,
      { ...row, lastFiredAt: lastFiredMs === null ? null : new Date(Number(lastFiredMs)) },
    ]),
  );
}

export type FiringRow = {
  id: string;
  agent: { id: string; name: string };
  rule: string;
  version: number;
  episodeAt: Date;
  firstAt: Date;
  lastAt: Date;
  counts: Record<string, number | string>;
  recordIds: string[];
  alertNumber: number;
};

/** Firings of these rules since an instant and before another, the newest first. */
export async function firingsOf(
  db: Database,
  rules: readonly string[],
  { from, to, limit }: { from: Date; to: Date; limit: number },
): Promise<FiringRow[]> {
  const { rows } = await db.execute<Record<string, unknown>>(sql`
    select f.id, f.rule, f.version, f.counts, f.record_ids as "recordIds", a.id as "agentId", a.name, l.number,
      (extract(epoch from f.episode_at) * 1000)::bigint as episode, (extract(epoch from f.first_at) * 1000)::bigint as first,
      (extract(epoch from f.last_at) * 1000)::bigint as last
    from rule_firings f join agents a on a.id = f.agent_id join alerts l on l.id = f.alert_id
    where f.rule in (select jsonb_array_elements_text(${JSON.stringify(rules)}::jsonb))
      and f.fired_at >= ${from} and f.fired_at < ${to}
    order by f.fired_at desc, f.id desc limit ${limit}`);
  const at = (ms: unknown) => new Date(Number(ms));
  return rows.map((row) => ({
    id: row.id as string,
    agent: { id: row.agentId as string, name: row.name as string },
    rule: row.rule as string,
    version: row.version as number,
    ...{ episodeAt: at(row.episode), firstAt: at(row.first), lastAt: at(row.last) },
    counts: row.counts as FiringRow["counts"],
    recordIds: row.recordIds as string[],
    alertNumber: row.number as number,
  }));
}

/** Agents that the rules have limited, and for which no rule has fired since an instant. */
export async function calmLimited(db: Database, changedBy: string, since: Date): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select i.agent_id as id from isolation_states i
    where i.state = 'limited' and i.changed_by = ${changedBy} and i.changed_at <= ${since}
      and not exists (select 1 from rule_firings f where f.agent_id = i.agent_id and f.fired_at > ${since})
    limit 100`);
  return rows.map(({ id }) => id);
}

import { sql } from "drizzle-orm";
import type { z } from "zod";
import type { Database } from "../../../db/client.ts";
import type { Anomaly, WatchedAgent, watchedAgentsInput } from "./overview-schema.ts";
import { RESPONSE_THRESHOLDS, type ResponseLevel } from "./schema.ts";

type Filter = Omit<z.output<typeof watchedAgentsInput>, "cursor">;
export type ScorePlace = { score: number; name: string };

/** Agents by their latest score, highest first, after a place in that order; those never scored come last, as −1. */
export async function agentsByScore(
  db: Database,
  { search, level, baseline, limit }: Filter,
  after: ScorePlace | null,
): Promise<Omit<WatchedAgent, "learning">[]> {
  const like = search && `%${search.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
  const { rows } = await db.execute<Omit<WatchedAgent, "learning" | "since" | "scoredAt"> & Instants>(sql`
    select a.id, a.name, a.title, a.status, r.score, coalesce(r.level, 'none') as level,
      (extract(epoch from r.since) * 1000)::bigint as "sinceMs",
      (extract(epoch from r.scored_at) * 1000)::bigint as "scoredAtMs",
      coalesce(r.contributions, '[]'::jsonb) as contributions, b.version as "baselineVersion"
    from agents a
    left join response_states r on r.agent_id = a.id
    left join baselines b on b.agent_id = a.id and b.retired_at is null
    where a.status <> 'retired'
      ${like ? sql`and (a.name ilike ${like} or a.title ilike ${like})` : sql``}
      ${level ? sql`and coalesce(r.level, 'none') = ${level}` : sql``}
      ${baseline ? sql`and (b.id is null) = ${baseline === "learning"}` : sql``}
      ${after ? sql`and (-coalesce(r.score, -1), a.name) > (${-after.score}::float8, ${after.name})` : sql``}
    order by -coalesce(r.score, -1), a.name limit ${limit}`);
  return rows.map(({ sinceMs, scoredAtMs, ...row }) => ({
    ...row,
    since: instant(sinceMs),
    scoredAt: instant(scoredAtMs),
  }));
}

type Instants = { sinceMs: string | null; scoredAtMs: string | null };
const instant = (ms: string | null) => (ms === null ? null : new Date(Number(ms)));

/** How many agents stand at each level of the response, and how many have no baseline. */
export async function countByLevel(
  db: Database,
): Promise<{ level: ResponseLevel | "learning"; n: number }[]> {
  const { rows } = await db.execute<{ level: ResponseLevel | "learning"; n: number }>(sql`
    select case when b.id is null and coalesce(r.level, 'none') = 'none' then 'learning'
      else coalesce(r.level, 'none') end as level, count(*)::int as n
    from agents a
    left join response_states r on r.agent_id = a.id
    left join baselines b on b.agent_id = a.id and b.retired_at is null
    where a.status <> 'retired' group by 1`);
  return rows;
}

type Span = { from: Date; to: Date };

/** Each agent's highest minute above 0.5 in each bucket of a stretch, the highest first; and how many there are. */
export async function highestMinutes(
  db: Database,
  { from, to }: Span,
  stepMs: number,
  limit: number,
): Promise<{ anomalies: Anomaly[]; total: number }> {
  const { rows } = await db.execute<Omit<Anomaly, "at"> & { atMs: string; total: number }>(sql`
    with peaks as (
      select distinct on (agent_id, bucket) agent_id, at, score, contributions
      from (
        select agent_id, at, score, contributions, ceil(extract(epoch from at) * 1000 / ${stepMs}::bigint) as bucket
        from feature_windows where score > ${sql.raw(String(RESPONSE_THRESHOLDS.record))} and at > ${from} and at <= ${to}
      ) high
      order by agent_id, bucket, score desc, at
    )
    select (extract(epoch from p.at) * 1000)::bigint as "atMs", a.name as agent, p.score,
      p.contributions -> 0 ->> 'words' as words, count(*) over ()::int as total
    from peaks p join agents a on a.id = p.agent_id
    order by p.score desc, p.at, a.name limit ${limit}`);
  return {
    anomalies: rows.map(({ atMs, total: _, ...row }) => ({ ...row, at: new Date(Number(atMs)) })),
    total: rows[0]?.total ?? 0,
  };
}

/** Agents × days (of 24 h from the start of the stretch) in which a score was given at all. */
export async function scoredAgentDays(db: Database, { from, to }: Span): Promise<number> {
  const { rows } = await db.execute<{ n: number }>(sql`
    select count(*)::int as n
    from (select agent_id, min(created_at) as since from baselines group by agent_id) b
    cross join generate_series(${from}::timestamptz, ${to}::timestamptz - interval '1 second', interval '1 day') day
    where b.since < day + interval '1 day' and exists (
      select 1 from feature_windows f where f.agent_id = b.agent_id
        and f.at > day and f.at <= least(day + interval '1 day', ${to}::timestamptz) and f.score is not null)`);
  return rows[0]?.n ?? 0;
}

export type JudgedHour = { score: number; judged: "true" | "false" | null; n: number };

/**
 * Hours of agents with a minute above 0.5 (a standing alarm counts once an hour), by how high they went and what an
 * analyst said of the alert that covers them.
 */
export async function alarmHours(db: Database, { from, to }: Span): Promise<JudgedHour[]> {
  const { record, limit, contain } = RESPONSE_THRESHOLDS;
  const { rows } = await db.execute<JudgedHour>(sql`
    with hours as (
      select agent_id, date_trunc('hour', at - interval '1 millisecond') as hour, max(score) as score
      from feature_windows where score > ${sql.raw(String(record))} and at > ${from} and at <= ${to} group by 1, 2
    )
    select case when score > ${contain} then ${contain}::float8 when score > ${limit} then ${limit}::float8
        else ${record}::float8 end as score,
      v.judged, count(*)::int as n
    from hours h
    left join lateral (
      select case when disposition = 'true-positive' then 'true' else 'false' end as judged from alerts l
      where l.agent_id = h.agent_id and l.kind = 'behaviour' and l.status = 'closed' and l.disposition is not null
        and l.opened_at - interval '1 minute' < h.hour + interval '1 hour' and l.last_seen_at >= h.hour
      order by disposition = 'true-positive' desc limit 1
    ) v on true
    group by 1, 2`);
  return rows;
}

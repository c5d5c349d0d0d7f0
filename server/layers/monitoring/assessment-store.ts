import { inArray, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { baselines } from "../../../db/schema/index.ts";
import type { Assessment } from "./engine/assess.ts";
import type { Baseline } from "./engine/baseline.ts";
import type { ResponseState } from "./engine/respond.ts";
import type { ScoredMinute } from "./engine/windows-to-judge.ts";
import type { Contribution, ResponseLevel } from "./schema.ts";

type Source = Database | Tx;
export type FreshSlice = { agentId: string; sliceMs: number; revision: number };

/** Slices that changed since they were last scored, the newest first. */
export async function freshSlices(db: Source, limit: number): Promise<FreshSlice[]> {
  const { rows } = await db.execute<FreshSlice>(sql`
    select agent_id as "agentId", (extract(epoch from slice_at) * 1000)::bigint as "sliceMs", revision
    from window_slices where revision > scored_revision order by slice_at desc limit ${limit}`);
  return rows.map((row) => ({ ...row, sliceMs: Number(row.sliceMs) }));
}

/** Agents that were silent for a minute and whose score or response has not come down yet; a contained one keeps its score. */
export async function silentAgents(db: Source, now: Date, limit: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select r.agent_id as id from response_states r
    left join isolation_states i on i.agent_id = r.agent_id
    where r.scored_at <= ${new Date(now.getTime() - 60_000)} and i.state is distinct from 'deny_all'
      and (r.level <> 'none' or r.score > 0)
    limit ${limit}`);
  return rows.map(({ id }) => id);
}

export type StandingRow = {
  agentId: string;
  name: string;
  did: string;
  baselineId: string | null;
  /** The baseline's version; null while the agent is learning. */
  baselineVersion: number | null;
  contained: boolean;
  response: ResponseState | null;
};

/** How the given agents stand: isolation, response, and which baseline they are scored by. */
export async function standings(db: Source, agentIds: string[]): Promise<StandingRow[]> {
  const { rows } = await db.execute<
    Omit<StandingRow, "response"> & {
      level: ResponseLevel | null;
      sinceMs: number;
      calmSinceMs: number | null;
    }
  >(sql`
    select a.id as "agentId", a.name, a.did, b.id as "baselineId", b.version as "baselineVersion",
      coalesce(i.state = 'deny_all', false) as contained, r.level,
      (extract(epoch from r.since) * 1000)::bigint as "sinceMs",
      (extract(epoch from r.calm_since) * 1000)::bigint as "calmSinceMs"
    from jsonb_array_elements_text(${JSON.stringify(agentIds)}::jsonb) k
    join agents a on a.id = k::uuid
    left join isolation_states i on i.agent_id = a.id
    left join response_states r on r.agent_id = a.id
    left join baselines b on b.agent_id = a.id and b.retired_at is null`);
  return rows.map(({ level, sinceMs, calmSinceMs, ...row }) => ({
    ...row,
    response: level && { level, sinceMs: Number(sinceMs), calmSinceMs: calmSinceMs && Number(calmSinceMs) },
  }));
}

export async function baselineModels(db: Source, ids: string[]): Promise<{ id: string; model: Baseline }[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ id: baselines.id, model: baselines.model })
    .from(baselines)
    .where(inArray(baselines.id, ids));
  return rows.map(({ id, model }) => ({ id, model: model as Baseline }));
}

/** Minutes of each agent that were scored before, in the given spans (both ends included), by their end. */
export async function scoredMinutes(
  db: Source,
  spans: { agentId: string; fromMs: number; toMs: number }[],
): Promise<Map<string, Map<number, ScoredMinute>>> {
  const found = new Map<string, Map<number, ScoredMinute>>();
  if (spans.length === 0) return found;
  const { rows } = await db.execute<{
    agentId: string;
    atMs: string;
    score: number | null;
    said: unknown;
  }>(sql`
    select w.agent_id as "agentId", (extract(epoch from w.at) * 1000)::bigint as "atMs", w.score, w.contributions as said
    from jsonb_to_recordset(${JSON.stringify(spans)}::jsonb) as k("agentId" uuid, "fromMs" bigint, "toMs" bigint)
    join feature_windows w on w.agent_id = k."agentId" and w.source = 'live'
      and w.at between to_timestamp(k."fromMs" / 1000.0) and to_timestamp(k."toMs" / 1000.0)`);
  for (const { agentId, atMs, score, said } of rows) {
    const flagged = ((said ?? []) as Contribution[]).filter(({ flag }) => flag).map(({ feature }) => feature);
    const own = found.get(agentId) ?? new Map<number, ScoredMinute>();
    found.set(agentId, own.set(Number(atMs), { score, flagged }));
  }
  return found;
}

export type Assessed = { agentId: string; baselineId: string | null; assessment: Assessment };

/** Stores minutes and responses, and marks the slices as scored at the revision that was read. */
export async function writeAssessments(
  tx: Tx,
  assessed: Assessed[],
  slices: FreshSlice[],
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    insert into feature_windows as w (agent_id, at, features, score, contributions, baseline_id, scorer, excluded)
    select k."agentId", to_timestamp(k."atMs" / 1000.0), k.features, k.score, k.contributions, k."baselineId", k.scorer, k.excluded
    from jsonb_to_recordset(${JSON.stringify(minuteRows(assessed))}::jsonb) as k("agentId" uuid, "atMs" bigint,
      features jsonb, score float8, contributions jsonb, "baselineId" uuid, scorer text, excluded boolean)
    on conflict (agent_id, at) do update set features = excluded.features, baseline_id = excluded.baseline_id,
      scorer = excluded.scorer, contributions = excluded.contributions, score = excluded.score,
      excluded = w.excluded or excluded.excluded
    where w.source = 'live'`);
  const answered = assessed.filter(({ assessment }) => !assessment.held);
  const responses = answered.map(
    ({ agentId, baselineId, assessment: { score, contributions, scorer, decision } }) => ({
      agentId,
      baselineId,
      scorer,
      score,
      contributions,
      ...decision.state,
    }),
  );
  await tx.execute(sql`
    insert into response_states as r (agent_id, level, score, contributions, scored_at, since, calm_since, scorer, baseline_id)
    select k."agentId", k.level, k.score, k.contributions, ${now}, to_timestamp(k."sinceMs" / 1000.0), to_timestamp(k."calmSinceMs" / 1000.0), k.scorer, k."baselineId"
    from jsonb_to_recordset(${JSON.stringify(responses)}::jsonb) as k("agentId" uuid, level text, score float8,
      contributions jsonb, "sinceMs" bigint, "calmSinceMs" bigint, scorer text, "baselineId" uuid)
    on conflict (agent_id) do update set level = excluded.level, score = excluded.score,
      contributions = excluded.contributions, scored_at = excluded.scored_at, since = excluded.since, calm_since = excluded.calm_since,
      scorer = excluded.scorer, baseline_id = excluded.baseline_id`);
  await tx.execute(sql`
    update window_slices s set scored_revision = k.revision
    from jsonb_to_recordset(${JSON.stringify(slices)}::jsonb) as k("agentId" uuid, "sliceMs" bigint, revision int)
    where s.agent_id = k."agentId" and s.slice_at = to_timestamp(k."sliceMs" / 1000.0)`);
}

function minuteRows(assessed: Assessed[]) {
  return assessed.flatMap(({ agentId, baselineId, assessment }) =>
    assessment.minutes.map((minute) => ({ ...minute, agentId, baselineId })),
  );
}

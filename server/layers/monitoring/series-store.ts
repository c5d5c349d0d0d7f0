import { desc, eq, sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { featureWindows, responseStates } from "../../../db/schema/index.ts";
import type { FeatureKey } from "./schema.ts";

export type SeriesBucket = {
  atMs: number;
  value: number | null;
  valueMax: number | null;
  score: number | null;
  windows: number;
  imported: boolean;
  excluded: boolean;
};

/** An agent's minutes between two instants in equal buckets: mean and highest value, highest score. */
export async function seriesBuckets(
  db: Database,
  series: { agentId: string; feature: FeatureKey; fromMs: number; toMs: number; stepMs: number },
): Promise<SeriesBucket[]> {
  const { agentId, feature, fromMs, toMs, stepMs } = series;
  const { rows } = await db.execute<SeriesBucket>(sql`
    select ${fromMs}::bigint + ${stepMs}::bigint * ceil((extract(epoch from at) * 1000 - ${fromMs}::bigint) / ${stepMs}::bigint)::bigint as "atMs",
      avg((features ->> ${feature})::float8) as value,
      max((features ->> ${feature})::float8) as "valueMax",
      max(score) as score, count(*)::int as windows,
      bool_or(source = 'import') as imported, bool_or(excluded) as excluded
    from feature_windows
    where agent_id = ${agentId} and at > to_timestamp(${fromMs}::bigint / 1000.0) and at <= to_timestamp(${toMs}::bigint / 1000.0)
    group by 1 order by 1`);
  return rows.map((row) => ({ ...row, atMs: Number(row.atMs) }));
}

export async function latestResponse(db: Database, agentId: string) {
  const [row] = await db.select().from(responseStates).where(eq(responseStates.agentId, agentId));
  return row ?? null;
}

export async function latestWindow(db: Database, agentId: string) {
  const [row] = await db
    .select()
    .from(featureWindows)
    .where(eq(featureWindows.agentId, agentId))
    .orderBy(desc(featureWindows.at))
    .limit(1);
  return row ?? null;
}

export type PeakMinute = {
  atMs: number;
  minuteMs: number;
  score: number;
  contributions: { feature: string; share: number }[];
  baselineVersion: number | null;
};

/** The minute with the highest score of each bucket, with what made it up. */
export async function peakMinutes(
  db: Database,
  series: { agentId: string; fromMs: number; toMs: number; stepMs: number },
): Promise<PeakMinute[]> {
  const { agentId, fromMs, toMs, stepMs } = series;
  const { rows } = await db.execute<PeakMinute>(sql`
    select p.bucket as "atMs", (extract(epoch from p.at) * 1000)::bigint as "minuteMs", p.score,
      coalesce(p.contributions, '[]'::jsonb) as contributions, b.version as "baselineVersion"
    from (
      select distinct on (bucket) bucket, at, score, contributions, baseline_id from (
        select at, score, contributions, baseline_id, ${fromMs}::bigint + ${stepMs}::bigint
          * ceil((extract(epoch from at) * 1000 - ${fromMs}::bigint) / ${stepMs}::bigint)::bigint as bucket
        from feature_windows
        where agent_id = ${agentId} and score is not null
          and at > to_timestamp(${fromMs}::bigint / 1000.0) and at <= to_timestamp(${toMs}::bigint / 1000.0)
      ) minutes
      order by bucket, score desc, at
    ) p left join baselines b on b.id = p.baseline_id order by 1`);
  return rows.map((row) => ({ ...row, atMs: Number(row.atMs), minuteMs: Number(row.minuteMs) }));
}

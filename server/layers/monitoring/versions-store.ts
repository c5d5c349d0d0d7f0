import { sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import type { BaselineVersionView } from "./learning-schema.ts";
import { RESPONSE_THRESHOLDS } from "./schema.ts";

const VERSIONS_SHOWN_MAX = 50;

/**
 * An agent's baseline versions, the newest first, each with what was scored by it and how its alerts were judged. An
 * alert is counted under the version that it names.
 */
export async function versionsOf(db: Database, agentId: string): Promise<BaselineVersionView[]> {
  const { rows } = await db.execute<Record<string, unknown>>(sql`
    with shown as (select * from baselines where agent_id = ${agentId} order by version desc limit ${VERSIONS_SHOWN_MAX}),
    scored as (select baseline_id, count(score)::int as scores,
        (count(*) filter (where score > ${RESPONSE_THRESHOLDS.limit}))::int as high
      from feature_windows where agent_id = ${agentId} and baseline_id is not null group by 1),
    judged as (select detail ->> 'baselineId' as baseline_id, count(*)::int as alerts,
        (count(*) filter (where disposition is not null))::int as judged,
        (count(*) filter (where disposition in ('false-positive', 'benign')))::int as wrong
      from alerts where agent_id = ${agentId} and rule = 'behaviour-score' group by 1)
    select b.id, b.version, b.retired_at is null as active,
      b.retired_at is null and b.pinned_at is not null and b.unpinned_at is null as pinned,
      b.origin, r.version as "restoredVersion", b.windows, b.learnt_from as "learntFrom", b.learnt_to as "learntTo",
      b.created_at as "createdAt", b.created_by as "createdBy", b.retired_at as "retiredAt",
      b.retire_reason as "retireReason", coalesce(b.model -> 'calibration', '{}'::jsonb) as calibration,
      coalesce(s.scores, 0) as scores, coalesce(s.high, 0) as "scoresHigh",
      coalesce(j.alerts, 0) as alerts, coalesce(j.judged, 0) as judged, coalesce(j.wrong, 0) as "falsePositives"
    from shown b left join baselines r on r.id = b.restored_from
    left join scored s on s.baseline_id = b.id left join judged j on j.baseline_id = b.id::text
    order by b.version desc`);
  const instant = (value: unknown) => (value === null ? null : new Date(value as string));
  return rows.map((row) => ({
    ...(row as unknown as BaselineVersionView),
    learntFrom: instant(row.learntFrom) as Date,
    learntTo: instant(row.learntTo) as Date,
    createdAt: instant(row.createdAt) as Date,
    retiredAt: instant(row.retiredAt),
  }));
}

import { sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { LEARNING_DAYS, LEARNING_WINDOWS } from "./engine/baseline.ts";

type Source = Database | Tx;

const MEMORY_MS = 42 * 86_400_000;
/** The newest minutes are left out: their slices may still change, and an alarm may still be raised about them. */
const FRESH_MS = 15 * 60_000;

/** Which minutes a baseline is learnt from at an instant. */
export function learningSpan(now: Date): { since: Date; until: Date } {
  return { since: new Date(now.getTime() - MEMORY_MS), until: new Date(now.getTime() - FRESH_MS) };
}

/** Why an agent's baseline is frozen now, or null: contained, limited by its score, or in an open incident. */
export async function learningFrozen(db: Source, agentId: string): Promise<string | null> {
  const { rows } = await db.execute<{
    contained: boolean;
    level: string | null;
    incident: number | null;
  }>(sql`
    select
      exists(select 1 from isolation_states where agent_id = ${agentId} and state = 'deny_all') as contained,
      (select level from response_states where agent_id = ${agentId}) as level,
      (select number from incidents where agent_id = ${agentId} and status = 'open' and not drill limit 1) as incident`);
  const row = rows[0];
  if (row?.contained) return "it is contained";
  if (row?.incident) return `incident INC-${String(row.incident).padStart(4, "0")} is open`;
  if (row?.level === "limit" || row?.level === "contain") return "its score is high";
  return null;
}

/** How many clean active minutes on how many days an agent without a baseline has. */
export async function learningCounts(
  db: Source,
  agentIds: string[],
  now: Date,
): Promise<Map<string, { windows: number; days: number }>> {
  const { since, until } = learningSpan(now);
  const { rows } = await db.execute<{ agentId: string; windows: number; days: number }>(sql`
    select f.agent_id as "agentId", count(*)::int as windows,
      count(distinct (f.at - interval '1 millisecond')::date)::int as days
    from jsonb_array_elements_text(${JSON.stringify(agentIds)}::jsonb) k
    join feature_windows f on f.agent_id = k::uuid
    where not f.excluded and f.at between ${since} and ${until}
      and (f.features ->> 'apiCallsPerMinute')::float8 > 0
    group by f.agent_id`);
  return new Map(rows.map(({ agentId, windows, days }) => [agentId, { windows, days }]));
}

/**
 * Agents whose baseline should be learnt now: without one and with enough minutes, or with one older than a day and
 * as many new minutes as an hour has. Frozen agents are left out. The longest waiting first.
 */
export async function agentsToLearn(db: Source, now: Date, limit: number): Promise<string[]> {
  const { since, until } = learningSpan(now);
  const { rows } = await db.execute<{ id: string }>(sql`
    select a.id from agents a
    left join baselines b on b.agent_id = a.id and b.retired_at is null
    where a.status <> 'retired'
      and not exists (select 1 from isolation_states i where i.agent_id = a.id and i.state = 'deny_all')
      and not exists (select 1 from response_states r where r.agent_id = a.id and r.level in ('limit', 'contain'))
      and not exists (select 1 from incidents n where n.agent_id = a.id and n.status = 'open' and not n.drill)
      and not exists (select 1 from alerts d where d.agent_id = a.id and d.rule = 'baseline-drift'
        and (d.status <> 'closed' or d.opened_at > ${new Date(now.getTime() - 86_400_000)}))
      and not exists (select 1 from learning_proposals p where p.agent_id = a.id and p.status = 'approved' and p.done_at is null)
      and case when b.id is null
        then (select count(*) >= ${LEARNING_WINDOWS} and count(distinct (f.at - interval '1 millisecond')::date) >= ${LEARNING_DAYS}
          from feature_windows f where f.agent_id = a.id and not f.excluded and f.at between ${since} and ${until}
            and (f.features ->> 'apiCallsPerMinute')::float8 > 0)
        else (b.pinned_at is null or b.unpinned_at is not null) and b.created_at < ${new Date(now.getTime() - 86_400_000)} and (select count(*) >= 60 from feature_windows f
          where f.agent_id = a.id and not f.excluded and f.at > b.learnt_to and f.at <= ${until})
        end
    order by b.created_at nulls first, a.created_at limit ${limit}`);
  return rows.map(({ id }) => id);
}

/** Numbers of the alerts of behaviour that were closed as true positives in an interval of an agent. */
export async function truePositivesWithin(
  db: Source,
  within: { agentId: string; fromAt: Date | null; toAt: Date | null },
): Promise<number[]> {
  const { rows } = await db.execute<{ number: number }>(sql`
    select number from alerts where agent_id = ${within.agentId} and kind = 'behaviour'
      and disposition = 'true-positive' and opened_at - interval '1 minute' <= ${within.toAt}
      and last_seen_at + interval '1 minute' >= ${within.fromAt} order by number limit 10`);
  return rows.map(({ number }) => number);
}

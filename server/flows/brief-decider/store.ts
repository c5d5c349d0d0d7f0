import { and, count, desc, eq, gte, inArray, ne, sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { alerts, approvals, approvalVotes, containments, grants, users } from "../../../db/schema/index.ts";

export type HourRow = { at: Date; calls: number; refused: number; megabytes: number; score: number | null };

/** An agent's measured minutes since an instant, hour by hour; hours without traffic are left out. */
export async function hoursSince(db: Database, agentId: string, since: Date): Promise<HourRow[]> {
  const { rows } = await db.execute<Omit<HourRow, "at"> & { atMs: string }>(sql`
    select extract(epoch from date_trunc('hour', at, 'UTC')) * 1000 as "atMs",
      round(sum((features ->> 'apiCallsPerMinute')::float8))::float8 as calls,
      round(sum((features ->> 'apiCallsPerMinute')::float8 * (features ->> 'refusedRatio')::float8))::float8 as refused,
      round(sum((features ->> 'dataMegabytes')::float8)::numeric, 3)::float8 as megabytes,
      max(score) as score
    from feature_windows where agent_id = ${agentId} and at > ${since.toISOString()}::timestamptz
    group by 1 order by 1`);
  return rows.map(({ atMs, ...row }) => ({ ...row, at: new Date(Number(atMs)) }));
}

/** What an agent's slices name since an instant: `peers` or `data`, each with how often. */
export async function namedSince(
  db: Database,
  agentId: string,
  what: "peers" | "data",
  since: Date,
): Promise<{ name: string; calls: number }[]> {
  const { rows } = await db.execute<{ name: string; calls: number }>(sql`
    select p.key as name, sum(p.value::numeric)::int as calls
    from window_slices s cross join lateral jsonb_each_text(s.state -> ${what} -> 'n') p
    where s.agent_id = ${agentId} and s.slice_at >= ${since.toISOString()}::timestamptz
    group by 1 order by 2 desc limit 100`);
  return rows;
}

export async function troubleSince(db: Database, agentId: string, since: Date) {
  const [opened] = await db
    .select({ n: count() })
    .from(alerts)
    .where(and(eq(alerts.agentId, agentId), gte(alerts.openedAt, since)));
  const [open] = await db
    .select({ n: count() })
    .from(alerts)
    .where(and(eq(alerts.agentId, agentId), ne(alerts.status, "closed")));
  const [contained] = await db
    .select({ n: count() })
    .from(containments)
    .where(and(eq(containments.agentId, agentId), gte(containments.requestedAt, since)));
  return { alerts: opened?.n ?? 0, openAlerts: open?.n ?? 0, containments: contained?.n ?? 0 };
}

/** Earlier requests of one scope for one agent, newest first, each with the grant that came of it. */
export async function earlierRequests(
  db: Database,
  request: { id: string; agentId: string; scope: string },
  since: Date,
) {
  return db
    .select({ approval: approvals, grant: grants })
    .from(approvals)
    .leftJoin(grants, eq(grants.approvalId, approvals.id))
    .where(
      and(
        eq(approvals.agentId, request.agentId),
        eq(approvals.scope, request.scope),
        ne(approvals.id, request.id),
        gte(approvals.requestedAt, since),
      ),
    )
    .orderBy(desc(approvals.requestedAt))
    .limit(200);
}

/** Requests decided by people since an instant, newest first, as far as they concern these people or this agent. */
export async function decidedSince(
  db: Database,
  concern: { agentId: string; people: readonly string[] },
  since: Date,
) {
  const people = concern.people.length > 0 ? inArray(approvals.requestedBy, [...concern.people]) : sql`false`;
  return db
    .select()
    .from(approvals)
    .where(
      and(
        inArray(approvals.status, ["approved", "denied"]),
        gte(approvals.decidedAt, since),
        sql`(${people} or ${eq(approvals.agentId, concern.agentId)})`,
      ),
    )
    .orderBy(desc(approvals.decidedAt))
    .limit(500);
}

export async function votesOf(db: Database, approvalIds: readonly string[]) {
  if (approvalIds.length === 0) return [];
  return db
    .select()
    .from(approvalVotes)
    .where(inArray(approvalVotes.approvalId, [...approvalIds]));
}

/** Accounts by id, with what tells whether two are one person. */
export async function peopleOf(db: Database, ids: readonly string[]) {
  const rows =
    ids.length === 0
      ? []
      : await db
          .select({ id: users.id, email: users.email, name: users.name })
          .from(users)
          .where(inArray(users.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

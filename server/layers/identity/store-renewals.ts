import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import type { RenewalFacts } from "./engine/judge-renewal.ts";
import { type AgentStatus, EXPIRY_BUCKETS, type Purpose, type RenewalState } from "./schema.ts";
import { likePattern } from "./store-lists.ts";

/** As `judgeRenewal` decides, in terms of the indexes. */
const FAILED = sql`r.last_failed_at > r.issued_at`;
const NOT_FAILED = sql`(r.last_failed_at is null or r.last_failed_at <= r.issued_at)`;
const IN_STATE: Record<RenewalState, (now: Date) => SQL> = {
  failed: () => FAILED,
  overdue: (now) => sql`${NOT_FAILED} and (r.overdue_at <= ${now} or r.ends_at <= ${now})`,
  due: (now) => sql`${NOT_FAILED} and r.due_at <= ${now} and r.overdue_at > ${now} and r.ends_at > ${now}`,
  fine: (now) => sql`${NOT_FAILED} and r.due_at > ${now} and r.ends_at > ${now}`,
};

export type RenewalFilter = {
  purpose?: Purpose | undefined;
  state?: RenewalState | undefined;
  search?: string | undefined;
  after?: { endsAt: Date; agentId: string; purpose: string } | undefined;
  limit: number;
  now: Date;
};

export type RenewalRow = RenewalFacts & {
  id: string;
  agentId: string;
  agentName: string;
  agentStatus: AgentStatus;
  purpose: Purpose;
  thumbprint: string;
  notBefore: Date;
  notAfter: Date;
  lastFailedDetail: string | null;
};

/** The page's query by itself: its plan is what a test looks at. */
export function renewalPageQuery({ purpose, state, search, after, limit, now }: RenewalFilter): SQL {
  const where = [sql`r.watched`];
  if (purpose) where.push(sql`r.purpose = ${purpose}`);
  if (state) where.push(IN_STATE[state](now));
  if (search) {
    const pattern = likePattern(search);
    where.push(
      sql`r.agent_id in (select id from agents where name ilike ${pattern} or title ilike ${pattern})`,
    );
  }
  if (after)
    where.push(
      sql`(r.ends_at, r.agent_id, r.purpose) > (${after.endsAt}, ${after.agentId}::uuid, ${after.purpose})`,
    );
  return sql`select c.id, r.agent_id as "agentId", a.name as "agentName", a.status as "agentStatus", r.purpose,
      c.thumbprint, c.not_before as "notBefore", c.not_after as "notAfter", r.ends_at as "endsAt",
      r.due_at as "dueAt", r.overdue_at as "overdueAt", r.issued_at as "issuedAt",
      r.issued_count as "issuedCount", r.last_failed_at as "lastFailedAt",
      r.last_failed_detail as "lastFailedDetail"
    from (select * from renewals r where ${sql.join(where, sql` and `)}
      order by r.ends_at, r.agent_id, r.purpose limit ${limit}) r
    join agents a on a.id = r.agent_id join credentials c on c.id = r.credential_id
    order by r.ends_at, r.agent_id, r.purpose`;
}

/** What ends first, first. */
export async function renewalPageRows(db: Database, filter: RenewalFilter): Promise<RenewalRow[]> {
  const { rows } = await db.execute<RenewalRow>(renewalPageQuery(filter));
  return rows.map((row) => ({
    ...row,
    notBefore: new Date(row.notBefore),
    notAfter: new Date(row.notAfter),
    endsAt: new Date(row.endsAt),
    dueAt: new Date(row.dueAt),
    overdueAt: new Date(row.overdueAt),
    issuedAt: new Date(row.issuedAt),
    lastFailedAt: row.lastFailedAt === null ? null : new Date(row.lastFailedAt),
  }));
}

type Counts = { purpose: Purpose; bucket: number; state: RenewalState; neverRenewed: boolean; count: number };

/** How many renewals there are of each purpose, bucket and state. */
export async function countRenewals(db: Database, now: Date) {
  const state = sql`case when ${FAILED} then 'failed' when ${IN_STATE.overdue(now)} then 'overdue'
    when ${IN_STATE.due(now)} then 'due' else 'fine' end`;
  const { rows } = await db.execute<Counts>(sql`
    select r.purpose, ${state} as state,
      r.issued_count = 1 and (r.due_at <= ${now} or r.ends_at <= ${now}) as "neverRenewed",
      case when r.ends_at <= ${now} then 0
        when r.ends_at < ${now}::timestamptz + interval '1 hour' then 1
        when r.ends_at < ${now}::timestamptz + interval '24 hours' then 2
        when r.ends_at < ${now}::timestamptz + interval '7 days' then 3
        when r.ends_at < ${now}::timestamptz + interval '30 days' then 4 else 5 end as bucket,
      count(*)::int as count
    from renewals r where r.watched group by 1, 2, 3, 4`);
  return rows.map((row) => ({ ...row, bucket: EXPIRY_BUCKETS[row.bucket] ?? "later" }));
}

import { sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import type { PostureFacts } from "./judge-posture.ts";

type AuditFacts = PostureFacts["audit"];
type Row = {
  chained: number;
  oldestUnchainedAt: number | null;
  provable: number;
  oldestUnprovableAt: number | null;
  status: string | null;
  finishedAt: number | null;
  findings: number | null;
};

/**
 * How far the log is chained and provable, and since when something waits. Reads ends of indexes alone, so it
 * costs the same for a thousand records and for a billion. Of the verifications the newest of the whole log counts;
 * one of a part that found nothing never takes its place, one that found something does.
 */
export async function loadAuditFacts(db: Database): Promise<AuditFacts> {
  const { rows } = await db.execute<Row>(sql`
    with head as (select seq, xid, ord from audit_chain order by seq desc limit 1),
      first as (select seq from audit_chain order by seq limit 1),
      signed as (select size from audit_checkpoints order by size desc limit 1),
      run as (select status, finished_at, jsonb_array_length(findings) as findings from verification_runs
        where status = 'findings' or (from_seq = 1 and to_seq is null and with_signatures = 1)
        order by finished_at is null, requested_at desc limit 1)
    select coalesce((select h.seq - f.seq + 1 from head h, first f), 0)::float8 as chained,
      (select extract(epoch from r.at) * 1000 from audit_records r
        where (r.xid, r.ord) > (coalesce((select xid from head), '0'::xid8), coalesce((select ord from head), 0))
        order by r.xid, r.ord limit 1)::float8 as "oldestUnchainedAt",
      coalesce((select size from signed), 0)::float8 as provable,
      (select extract(epoch from c.chained_at) * 1000 from audit_chain c
        where c.seq >= (select seq from first) + coalesce((select size from signed), 0)
        order by c.seq limit 1)::float8 as "oldestUnprovableAt",
      (select status from run) as status,
      (select extract(epoch from finished_at) * 1000 from run)::float8 as "finishedAt",
      (select findings from run) as findings`);
  const row = rows[0];
  if (!row)
    return { chained: 0, oldestUnchainedAt: null, provable: 0, oldestUnprovableAt: null, verification: null };
  const { status, finishedAt, findings, ...facts } = row;
  return { ...facts, verification: status ? { status, finishedAt, findings: findings ?? 0 } : null };
}

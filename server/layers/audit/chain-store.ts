import { and, asc, desc, eq, gt, lte, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { auditChain, auditCheckpoints, auditKeys, auditRecords } from "../../../db/schema/index.ts";
import { GENESIS_HASH, type NewEntry } from "./engine/chain.ts";

/** The last entry of the chain, and where records go on behind it. */
export type ChainHead = { seq: number; hash: Buffer; xid: string; ord: number };

const EMPTY_HEAD: ChainHead = { seq: 0, hash: GENESIS_HASH, xid: "0", ord: 0 };

/** The head, and the next transaction id of this cluster. */
export async function readHead(db: Database | Tx): Promise<{ head: ChainHead; nextXid: string }> {
  const { rows } = await db.execute<
    { next_xid: string } & { [K in keyof ChainHead]: ChainHead[K] | null }
  >(sql`
    select pg_snapshot_xmax(pg_current_snapshot())::text as next_xid, c.*
    from (select 1) one left join lateral
      (select seq, hash, xid::text, ord from ${auditChain} order by seq desc limit 1) c on true`);
  const [row] = rows;
  const { seq, hash, xid, ord } = row ?? {};
  return {
    head: seq && hash && xid ? { seq, hash, xid, ord: ord ?? 0 } : EMPTY_HEAD,
    nextXid: row?.next_xid ?? "0",
  };
}

/** A record that waits for its number. */
export type WaitingRecord = { id: string; xid: string; ord: number; digest: Buffer };

/**
 * Committed records behind the head, in the order in which nothing can slip in between any more: every
 * transaction below the snapshot's xmin has ended.
 */
export async function readSettledRecords(
  db: Database,
  head: ChainHead,
  limit: number,
): Promise<WaitingRecord[]> {
  const { rows } = await db.execute<WaitingRecord>(sql`
    select id, xid::text, ord, digest from ${auditRecords}
    where (xid, ord) > (${head.xid}::xid8, ${head.ord}) and xid < pg_snapshot_xmin(pg_current_snapshot())
    order by ${auditRecords.xid}, ${auditRecords.ord} limit ${limit}`);
  return rows;
}

/**
 * Whether a committed record is kept from its number by a transaction that is older and still open. The order makes
 * the planner start at the head; else it may look for the one row from the first record on.
 */
export async function hasHeldRecord(db: Database, head: Pick<ChainHead, "xid" | "ord">): Promise<boolean> {
  const { rows } = await db.execute(sql`
    select 1 from ${auditRecords}
    where (xid, ord) > (${head.xid}::xid8, ${head.ord}) and xid >= pg_snapshot_xmin(pg_current_snapshot())
    order by ${auditRecords.xid}, ${auditRecords.ord} limit 1`);
  return rows.length > 0;
}

/** The transaction that holds the sequence up. `seconds` is null where this role may not see since when. */
export type Holder = { pid: number | null; xid: string; who: string; seconds: number | null };

/** Names the oldest transaction still open, prepared ones included; null when none is. */
export async function readOldestTransaction(db: Database): Promise<Holder | null> {
  const { rows } = await db.execute<Holder>(sql`
    select pid, backend_xid::text as xid, concat_ws(', ', usename, nullif(application_name, ''), 'database ' || datname, state) as who,
      extract(epoch from clock_timestamp() - xact_start)::float8 as seconds, age(backend_xid) as xid_age
    from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
    union all
    select null, transaction::text, 'prepared transaction ' || gid, extract(epoch from clock_timestamp() - prepared)::float8, age(transaction)
    from pg_prepared_xacts
    order by xid_age desc limit 1`);
  return rows[0] ?? null;
}

/** Writes a batch of entries in one statement. The primary key lets one writer alone continue a head. */
export async function insertEntries(
  tx: Tx,
  entries: readonly (NewEntry & { xid: string; ord: number })[],
  epoch: number,
): Promise<void> {
  const column = <K extends keyof (typeof entries)[number]>(key: K) =>
    sql.param(entries.map((entry) => entry[key]));
  await tx.execute(sql`
    insert into ${auditChain} (seq, record_id, xid, ord, prev_hash, hash, chained_at, epoch)
    select seq, record_id, xid::xid8, ord, prev_hash, hash, clock_timestamp(), ${epoch}
    from unnest(${column("seq")}::bigint[], ${column("recordId")}::uuid[], ${column("xid")}::text[],
      ${column("ord")}::bigint[], ${column("prevHash")}::bytea[], ${column("hash")}::bytea[])
      as entry (seq, record_id, xid, ord, prev_hash, hash)`);
}

export type StoredCheckpoint = typeof auditCheckpoints.$inferSelect;

/** The largest checkpoint that covers at most `size` entries. */
export async function checkpointAtOrBelow(db: Database | Tx, size: number): Promise<StoredCheckpoint | null> {
  const [row] = await db
    .select()
    .from(auditCheckpoints)
    .where(lte(auditCheckpoints.size, size))
    .orderBy(desc(auditCheckpoints.size))
    .limit(1);
  return row ?? null;
}

/** The smallest checkpoint that covers the entry `seq`; null while none does. */
export async function checkpointCovering(db: Database | Tx, seq: number): Promise<StoredCheckpoint | null> {
  const [row] = await db
    .select()
    .from(auditCheckpoints)
    .where(gt(auditCheckpoints.size, seq - 1))
    .orderBy(asc(auditCheckpoints.size))
    .limit(1);
  return row ?? null;
}

/** What a leaf is made of. */
export type LeafFacts = { seq: number; prevHash: Buffer; hash: Buffer; digest: Buffer };

/** The entries `after` (exclusive) to `upTo` (inclusive), in order. */
export function readLeafFacts(db: Database | Tx, after: number, upTo: number): Promise<LeafFacts[]> {
  return db
    .select({
      seq: auditChain.seq,
      prevHash: auditChain.prevHash,
      hash: auditChain.hash,
      digest: auditRecords.digest,
    })
    .from(auditChain)
    .innerJoin(auditRecords, eq(auditRecords.id, auditChain.recordId))
    .where(and(gt(auditChain.seq, after), lte(auditChain.seq, upTo)))
    .orderBy(asc(auditChain.seq));
}

export type RegisteredKey = typeof auditKeys.$inferSelect;

/** The public keys that signed checkpoints, first to last. */
export function readCheckpointKeys(db: Database | Tx): Promise<RegisteredKey[]> {
  return db
    .select()
    .from(auditKeys)
    .where(eq(auditKeys.purpose, "checkpoint"))
    .orderBy(asc(auditKeys.validFrom));
}

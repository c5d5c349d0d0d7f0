import { and, desc, eq, gte, inArray, lt, or, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import {
  agents,
  auditChain,
  auditCheckpoints,
  auditIndex,
  auditPayloads,
  auditRecords,
  processes,
} from "../../../db/schema/index.ts";
import type { ListRecordsInput } from "./schema.ts";

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const ROW = {
  id: auditRecords.id,
  kind: auditRecords.kind,
  at: auditRecords.at,
  agentId: auditRecords.agentId,
  agentName: agents.name,
  actor: auditRecords.actor,
  outcome: auditRecords.outcome,
  digest: auditRecords.digest,
  seq: auditChain.seq,
};

/** A record as the lists need it. */
export type ListedRecord = {
  id: string;
  kind: string;
  at: Date;
  agentId: string | null;
  agentName: string | null;
  actor: string;
  outcome: string | null;
  digest: Buffer;
  seq: number | null;
};

/** Records that fit the filter, newest first, behind a cursor. */
export function findRecords(
  db: Database,
  filter: Omit<ListRecordsInput, "cursor" | "limit">,
  before: { at: Date; id: string } | null,
  limit: number,
): Promise<ListedRecord[]> {
  const { agent, kind, outcome, actor, search, from, to } = filter;
  return db
    .select(ROW)
    .from(auditRecords)
    .leftJoin(agents, eq(agents.id, auditRecords.agentId))
    .leftJoin(auditChain, eq(auditChain.recordId, auditRecords.id))
    .where(
      and(
        agent === undefined
          ? undefined
          : eq(auditRecords.agentId, db.select({ id: agents.id }).from(agents).where(eq(agents.name, agent))),
        kind === undefined ? undefined : eq(auditRecords.kind, kind),
        outcome === undefined ? undefined : eq(auditRecords.outcome, outcome),
        actor === undefined ? undefined : eq(auditRecords.actor, actor),
        from === undefined ? undefined : gte(auditRecords.at, from),
        to === undefined ? undefined : lt(auditRecords.at, to),
        search === undefined ? undefined : leadsTo(db, search),
        before
          ? sql`(${auditRecords.at}, ${auditRecords.id}) < (${before.at.toISOString()}::timestamptz, ${before.id}::uuid)`
          : undefined,
      ),
    )
    .orderBy(desc(auditRecords.at), desc(auditRecords.id))
    .limit(limit);
}

function leadsTo(db: Database, search: string) {
  const named = inArray(
    auditRecords.id,
    db
      .select({ id: auditIndex.recordId })
      .from(auditIndex)
      .where(and(inArray(auditIndex.kind, ["transaction", "subject", "data"]), eq(auditIndex.value, search))),
  );
  return UUID.test(search) ? or(eq(auditRecords.id, search), named) : named;
}

/** One record with its body and its place in the chain. */
export async function findRecord(db: Database, id: string) {
  const [row] = await db
    .select({ ...ROW, body: auditRecords.body, chain: auditChain })
    .from(auditRecords)
    .leftJoin(agents, eq(agents.id, auditRecords.agentId))
    .leftJoin(auditChain, eq(auditChain.recordId, auditRecords.id))
    .where(eq(auditRecords.id, id));
  return row ?? null;
}

/** The signed request that belongs to a record. */
export async function findPayload(db: Database, recordId: string) {
  const [row] = await db.select().from(auditPayloads).where(eq(auditPayloads.recordId, recordId));
  return row ?? null;
}

/** The newest checkpoint. */
export async function findNewestCheckpoint(db: Database) {
  const [row] = await db.select().from(auditCheckpoints).orderBy(desc(auditCheckpoints.size)).limit(1);
  return row ?? null;
}

/** The last entry of the chain. */
export async function findHeadEntry(db: Database) {
  const [row] = await db.select().from(auditChain).orderBy(desc(auditChain.seq)).limit(1);
  return row ?? null;
}

/** Records behind the head: how many, and the instant of the oldest. */
export async function findUnchained(
  db: Database,
  head: { xid: string; ord: number },
): Promise<{ count: number; oldestAt: Date | null }> {
  const [row] = await db
    .select({
      count: sql<number>`count(*)`.mapWith(Number),
      oldestAt: sql`min(${auditRecords.at})`.mapWith(auditRecords.at),
    })
    .from(auditRecords)
    .where(sql`(${auditRecords.xid}, ${auditRecords.ord}) > (${head.xid}::xid8, ${head.ord})`);
  return { count: row?.count ?? 0, oldestAt: row?.oldestAt ?? null };
}

/** What the live workers say of their duties. */
export async function findDutyWords(db: Database): Promise<Record<string, Record<string, unknown>>[]> {
  const rows = await db
    .select({ detail: processes.detail })
    .from(processes)
    .where(and(eq(processes.role, "worker"), sql`${processes.seenAt} > now() - interval '10 seconds'`));
  return rows.map(
    ({ detail }) => (detail as { duties?: Record<string, Record<string, unknown>> }).duties ?? {},
  );
}

/** Whether this actor's reading under this key was recorded after an instant. */
export async function wasReadSince(
  db: Database | Tx,
  read: { key: string; actor: string; since: Date },
): Promise<boolean> {
  const [row] = await db
    .select({ id: auditRecords.id })
    .from(auditIndex)
    .innerJoin(auditRecords, eq(auditRecords.id, auditIndex.recordId))
    .where(
      and(
        eq(auditIndex.kind, "subject"),
        eq(auditIndex.value, read.key),
        gte(auditIndex.at, read.since),
        eq(auditRecords.kind, "audit.read"),
        eq(auditRecords.actor, read.actor),
      ),
    )
    .limit(1);
  return row !== undefined;
}

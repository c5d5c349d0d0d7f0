import type { Database } from "../../../db/client.ts";
import type { StatedCheckpoint } from "./engine/check-checkpoint.ts";
import type { StoredPayload } from "./engine/check-payload.ts";
import type { StoredRecord } from "./engine/check-record.ts";

/** The verifier's queries: plain reads of short duration, so that a long verification holds nobody up. */

export type ChainRow = {
  seq: number;
  recordId: string;
  xid: string;
  ord: number;
  prevHash: Buffer;
  hash: Buffer;
  chainedAtMs: number;
};
export type Place = { xid: string; ord: number };

const RECORD_COLUMNS = `r.id, r.xid::text as xid, r.ord, r.kind, floor(extract(epoch from r.at) * 1000)::float8 as "atMs",
  r.agent_id as "agentId", r.actor, r.outcome, r.body, r.digest`;

async function query<T extends object>(
  db: Database,
  name: string,
  text: string,
  values: unknown[],
): Promise<T[]> {
  return (await db.$client.query<T>({ name: `verify-${name}`, text, values })).rows;
}

/** Entries behind `after` up to `upTo`, in order. */
export function readEntries(db: Database, after: number, upTo: number, limit: number): Promise<ChainRow[]> {
  const text = `select seq, record_id as "recordId", xid::text as xid, ord, prev_hash as "prevHash", hash,
      floor(extract(epoch from chained_at) * 1000)::float8 as "chainedAtMs"
    from audit_chain where seq > $1 and seq <= $2 order by seq limit $3`;
  return query(db, "entries", text, [after, upTo, limit]);
}

/** Records in commit order, behind one place and up to another. */
export function readRecordsBetween(
  db: Database,
  after: Place,
  upTo: Place,
  limit: number,
): Promise<StoredRecord[]> {
  const text = `select ${RECORD_COLUMNS} from audit_records r
    where (r.xid, r.ord) > ($1::xid8, $2) and (r.xid, r.ord) <= ($3::xid8, $4) order by r.xid, r.ord limit $5`;
  return query(db, "records", text, [after.xid, after.ord, upTo.xid, upTo.ord, limit]);
}

/** Records by their ids. */
export function readRecordsById(db: Database, ids: readonly string[]): Promise<StoredRecord[]> {
  const text = `select ${RECORD_COLUMNS} from audit_records r where r.id = any($1::uuid[])`;
  return ids.length === 0 ? Promise.resolve([]) : query(db, "by-id", text, [ids]);
}

/** Which of these records have no place in the chain. */
export async function readUnchained(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const text = `select id from unnest($1::uuid[]) as id where not exists (select from audit_chain where record_id = id)`;
  const rows = ids.length === 0 ? [] : await query<{ id: string }>(db, "unchained", text, [ids]);
  return new Set(rows.map(({ id }) => id));
}

/** Payloads of these records. */
export function readPayloads(
  db: Database,
  ids: readonly string[],
): Promise<(StoredPayload & { recordId: string })[]> {
  const text = `select record_id as "recordId", bytes, encoding, signature_base as "signatureBase", signature,
      key_id as "keyId", salt from audit_payloads where record_id = any($1::uuid[])`;
  return query(db, "payloads", text, [ids]);
}

/** Which of these records have a payload. */
export async function readPayloadOwners(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const text = `select record_id as id from audit_payloads where record_id = any($1::uuid[])`;
  const rows = ids.length === 0 ? [] : await query<{ id: string }>(db, "owners", text, [ids]);
  return new Set(rows.map(({ id }) => id));
}

export type RegisteredSignatureKey = {
  keyId: string;
  publicJwk: Record<string, unknown>;
  agentId: string;
  notBeforeMs: number;
  notAfterMs: number;
};

/** Signature keys by the id that records name. */
export function readSignatureKeys(
  db: Database,
  keyIds: readonly string[],
): Promise<RegisteredSignatureKey[]> {
  const text = `select key_id as "keyId", public_jwk as "publicJwk", agent_id as "agentId",
      floor(extract(epoch from not_before) * 1000)::float8 as "notBeforeMs",
      floor(extract(epoch from not_after) * 1000)::float8 as "notAfterMs"
    from credentials where purpose = 'signature' and key_id = any($1::text[])`;
  return query(db, "keys", text, [keyIds]);
}

/** Checkpoints larger than `after` and at most `upTo`, smallest first. */
export function readCheckpoints(db: Database, after: number, upTo: number): Promise<StatedCheckpoint[]> {
  const text = `select size, root, note, frontier from audit_checkpoints where size > $1 and size <= $2 order by size`;
  return query(db, "checkpoints", text, [after, upTo]);
}

/** The largest checkpoint of at most `size` entries. */
export async function readCheckpointBelow(db: Database, size: number): Promise<StatedCheckpoint | null> {
  const text = `select size, root, note, frontier from audit_checkpoints where size <= $1 order by size desc limit 1`;
  const [row] = await query<StatedCheckpoint>(db, "below", text, [size]);
  return row ?? null;
}

/** The largest checkpoint beyond `after`, whatever it claims. */
export async function readLargestCheckpoint(db: Database, after: number): Promise<StatedCheckpoint | null> {
  const text = `select size, root, note, frontier from audit_checkpoints where size > $1 order by size desc limit 1`;
  const [row] = await query<StatedCheckpoint>(db, "largest", text, [after]);
  return row ?? null;
}

/** The DID of each agent by its id. */
export async function readDids(db: Database): Promise<Map<string, string>> {
  const rows = await query<{ id: string; did: string }>(db, "dids", "select id, did from agents", []);
  return new Map(rows.map(({ id, did }) => [id, did]));
}

/** Records behind a place: those that wait for their number, and since when. */
export async function readWaiting(
  db: Database,
  after: Place,
): Promise<{ count: number; oldestSeconds: number | null }> {
  const text = `select count(*) as count, extract(epoch from now() - min(at))::float8 as "oldestSeconds"
    from audit_records r where (xid, ord) > ($1::xid8, $2)
      and not exists (select from audit_chain c where c.record_id = r.id)`;
  const [row] = await query<{ count: number; oldestSeconds: number | null }>(db, "waiting", text, [
    after.xid,
    after.ord,
  ]);
  return row ?? { count: 0, oldestSeconds: null };
}

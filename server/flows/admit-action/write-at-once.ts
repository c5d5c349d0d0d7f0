import type { PoolClient } from "pg";
import { binaryArray, type ElementOf, type ElementType } from "../../../db/binary-array.ts";
import { isUniqueViolation } from "../../../db/client.ts";
import { mergeSlices, type Slice } from "../../layers/monitoring/engine/slice.ts";
import type { Entry } from "./entry.ts";

/** The rows of a batch: records, payloads, search keys and window deltas. */
const ROWS = `records as (
    insert into audit_records (id, kind, at, agent_id, actor, outcome, body, digest)
    select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[], $7::bytea[], $8::bytea[])
  ), payloads as (
    insert into audit_payloads (record_id, bytes, encoding, signature_base, signature, key_id, salt)
    select * from unnest($9::uuid[], $10::bytea[], $11::text[], $12::text[], $13::bytea[], $14::text[], $15::bytea[])
  ), keys as (
    insert into audit_index (kind, value, record_id, at)
    select * from unnest($16::text[], $17::text[], $18::uuid[], $19::timestamptz[])
  ), deltas as (
    insert into window_deltas (agent_id, slice_at, delta)
    select * from unnest($20::uuid[], $21::timestamptz[], $22::jsonb[])
  )
  select`;

/** What a batch leaves behind, but for its nonces: a part of a transaction. */
export const WRITE_ROWS = { name: "admission-rows", text: `with ${ROWS}` };

/** All of it in one statement, which is a transaction by itself: a nonce that is there already ends it whole. */
const WRITE_AT_ONCE = {
  name: "admission-at-once",
  text: `with nonces as (
    insert into request_nonces (agent_id, key_id, nonce, digest, status, answer, at)
    select * from unnest($23::uuid[], $24::text[], $25::text[], $26::bytea[], $27::int[], $28::jsonb[], $29::timestamptz[])
  ), ${ROWS}`,
};

/**
 * Writes a batch in one round trip and one flush of the disk, where nothing in it needs a decision by the
 * database: no alert to raise and no nonce twice.
 *
 * @returns false where it must be written step by step, and then nothing was written: so too when a nonce
 * was used before.
 */
export async function writeAtOnce(client: PoolClient, entries: readonly Entry[]): Promise<boolean> {
  if (entries.some(({ alerts }) => alerts.length > 0)) return false;
  const claims = claimsOf(entries);
  if (claims.length < entries.filter(({ nonce }) => nonce !== null).length) return false;
  try {
    await client.query({ ...WRITE_AT_ONCE, values: [...rowValues(entries), ...nonceValues(claims)] });
    return true;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

/** The first entry of each nonce, in one order everywhere: two gateways with the same nonces wait and do not deadlock. */
export function claimsOf(entries: readonly Entry[]): Entry[] {
  const first = new Map<string, Entry>();
  for (const entry of entries) {
    const key = nonceKey(entry);
    if (key !== null && !first.has(key)) first.set(key, entry);
  }
  return [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** Which entries are the same request or claim the same nonce; null where nobody's signature was proved. */
export function nonceKey({ agentId, nonce }: Pick<Entry, "agentId" | "nonce">): string | null {
  return nonce && `${agentId} ${nonce.keyId} ${nonce.nonce}`;
}

/** Columns of `request_nonces`, in the statements' order. */
export function nonceValues(claims: readonly Entry[]): Buffer[] {
  const column = columnsOf(claims);
  return [
    column("uuid", (it) => it.agentId),
    column("text", (it) => it.nonce?.keyId),
    column("text", (it) => it.nonce?.nonce),
    column("bytea", (it) => it.nonce?.digest),
    column("int4", (it) => it.status),
    column("jsonb", (it) => it.answer),
    column("timestamptz", (it) => it.at),
  ];
}

/** Columns of everything else, in the statements' order. */
export function rowValues(entries: readonly Entry[]): Buffer[] {
  const record = columnsOf(entries);
  const payload = columnsOf(
    entries.flatMap((it) => (it.payload ? [{ id: it.record.id, ...it.payload }] : [])),
  );
  const key = columnsOf(
    entries.flatMap((it) => it.index.map((k) => ({ id: it.record.id, at: it.at, ...k }))),
  );
  const delta = columnsOf(mergeDeltas(entries));
  return [
    record("uuid", (it) => it.record.id),
    record("text", (it) => it.record.kind),
    record("timestamptz", (it) => it.at),
    record("uuid", (it) => it.agentId),
    record("text", (it) => it.record.actor),
    record("text", (it) => it.record.outcome),
    record("bytea", (it) => it.record.body),
    record("bytea", (it) => it.record.digest),
    payload("uuid", (it) => it.id),
    payload("bytea", (it) => it.bytes),
    payload("text", (it) => it.encoding),
    payload("text", (it) => it.signatureBase),
    payload("bytea", (it) => it.signature),
    payload("text", (it) => it.keyId),
    payload("bytea", (it) => it.salt),
    key("text", (it) => it.kind),
    key("text", (it) => it.value),
    key("uuid", (it) => it.id),
    key("timestamptz", (it) => it.at),
    delta("uuid", (it) => it.agentId),
    delta("timestamptz", (it) => new Date(it.sliceMs)),
    delta("jsonb", (it) => it.slice),
  ];
}

function columnsOf<Row>(rows: readonly Row[]) {
  return <T extends ElementType>(type: T, of: (row: Row) => ElementOf<T> | null | undefined): Buffer =>
    binaryArray(type, rows.map(of));
}

/** One delta for each agent and slice: what the worker folds stays small, whatever the traffic. */
function mergeDeltas(entries: readonly Entry[]): { agentId: string; sliceMs: number; slice: Slice }[] {
  const merged = new Map<string, { agentId: string; sliceMs: number; slice: Slice }>();
  for (const { agentId, slices } of entries)
    for (const { sliceMs, slice } of slices) {
      const key = `${agentId} ${sliceMs}`;
      const held = merged.get(key);
      if (held) held.slice = mergeSlices(held.slice, slice);
      else merged.set(key, { agentId, sliceMs, slice });
    }
  return [...merged.values()];
}

import { drizzle } from "drizzle-orm/node-postgres";
import type { PoolClient } from "pg";
import type { Database, Tx } from "../../../db/client.ts";
import * as schema from "../../../db/schema/index.ts";
import { within } from "../../kernel/within.ts";
import { mergeSlices, type Slice } from "../../layers/monitoring/engine/slice.ts";
import { raiseAlert } from "../../layers/monitoring/raise-alert.ts";
import type { CommitOutcome, Entry } from "./entry.ts";

const CLAIM_NONCES = {
  name: "admission-nonces",
  text: `insert into request_nonces (agent_id, key_id, nonce, digest, status, answer, at)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::int[], $6::jsonb[], $7::timestamptz[])
    on conflict do nothing
    returning agent_id, key_id, nonce`,
};
const WRITE_ALL = {
  name: "admission-records",
  text: `with records as (
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
    select pg_notify('vigil', 'record:')`,
};
const READ_ANSWERS = {
  name: "admission-answers",
  text: `select agent_id, key_id, nonce, digest, status, answer from request_nonces
    where (agent_id, key_id, nonce) in (select * from unnest($1::uuid[], $2::text[], $3::text[]))`,
};

/** Longer than any write of a healthy database; afterwards the agent is told to ask again. */
const WRITE_MS_MAX = 5_000;
/** A standing alarm of one agent and rule counts once in this time, however many requests trip it. */
const ALERT_QUIET_MS = 1_000;

/**
 * Writes what many requests leave behind in one transaction: all of it or nothing. The database alone decides
 * which request of a nonce is the first, whichever gateway it reached; the others learn the stored answer.
 *
 * @returns one outcome for each entry, in order.
 */
export async function writeEntries(db: Database, entries: readonly Entry[]): Promise<CommitOutcome[]> {
  const client = await db.$client.connect();
  try {
    const outcomes = await within(WRITE_MS_MAX, "writing the records", transact(client, entries));
    client.release();
    return outcomes;
  } catch (error) {
    // The connection may be dead or mid-transaction: closing it ends both.
    client.release(true);
    throw error;
  }
}

async function transact(client: PoolClient, entries: readonly Entry[]): Promise<CommitOutcome[]> {
  await client.query("begin");
  const winners = await claimNonces(client, entries);
  if (winners.size > 0) await writeWinners(client, [...winners]);
  await client.query("commit");
  return outcomes(client, entries, winners);
}

async function claimNonces(client: PoolClient, entries: readonly Entry[]): Promise<Set<Entry>> {
  const winners = new Set(entries.filter((entry) => entry.nonce === null));
  const first = new Map<string, Entry>();
  for (const entry of entries) {
    const key = nonceKey(entry);
    if (key !== null && !first.has(key)) first.set(key, entry);
  }
  if (first.size === 0) return winners;
  // In one order everywhere, so that two gateways with the same nonces wait for each other and do not deadlock.
  const claims = [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  const { rows } = await client.query<{ agent_id: string; key_id: string; nonce: string }>({
    ...CLAIM_NONCES,
    values: [
      claims.map((it) => it.agentId),
      claims.map((it) => it.nonce?.keyId),
      claims.map((it) => it.nonce?.nonce),
      claims.map((it) => it.nonce?.digest),
      claims.map((it) => it.status),
      claims.map((it) => JSON.stringify(it.answer)),
      claims.map((it) => it.at),
    ],
  });
  for (const row of rows) {
    const winner = first.get(`${row.agent_id} ${row.key_id} ${row.nonce}`);
    if (winner) winners.add(winner);
  }
  return winners;
}

async function writeWinners(client: PoolClient, entries: readonly Entry[]): Promise<void> {
  const records = entries.map((it) => it.record);
  const payloads = entries.flatMap((it) => (it.payload ? [{ id: it.record.id, ...it.payload }] : []));
  const keys = entries.flatMap((it) => it.index.map((key) => ({ id: it.record.id, at: it.at, ...key })));
  const deltas = mergeDeltas(entries);
  await client.query({
    ...WRITE_ALL,
    values: [
      records.map((it) => it.id),
      records.map((it) => it.kind),
      entries.map((it) => it.at),
      entries.map((it) => it.agentId),
      records.map((it) => it.actor),
      records.map((it) => it.outcome),
      records.map((it) => it.body),
      records.map((it) => it.digest),
      payloads.map((it) => it.id),
      payloads.map((it) => it.bytes),
      payloads.map((it) => it.encoding),
      payloads.map((it) => it.signatureBase),
      payloads.map((it) => it.signature),
      payloads.map((it) => it.keyId),
      payloads.map((it) => it.salt),
      keys.map((it) => it.kind),
      keys.map((it) => it.value),
      keys.map((it) => it.id),
      keys.map((it) => it.at),
      deltas.map((it) => it.agentId),
      deltas.map((it) => new Date(it.sliceMs)),
      deltas.map((it) => JSON.stringify(it.slice)),
    ],
  });
  await raiseAlerts(client, entries);
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

/** Alerts that the rules asked for, in the records' own transaction; one for each agent and rule of the batch. */
async function raiseAlerts(client: PoolClient, entries: readonly Entry[]): Promise<void> {
  const asked = new Map(
    entries.flatMap((entry) =>
      entry.alerts.map((alert) => [`${entry.agentId} ${alert.rule}`, { entry, alert }]),
    ),
  );
  if (asked.size === 0) return;
  const tx = drizzle({ client, schema }) as unknown as Tx;
  for (const [, { entry, alert }] of [...asked].sort(([a], [b]) => (a < b ? -1 : 1)))
    await raiseAlert(tx, {
      agentId: entry.agentId,
      kind: "rule",
      rule: alert.rule,
      severity: alert.severity,
      title: alert.title,
      detail: { text: alert.detail, recordId: entry.record.id },
      actor: { type: "system", id: "gateway" },
      now: entry.at,
      quietMs: ALERT_QUIET_MS,
    });
}

async function outcomes(
  client: PoolClient,
  entries: readonly Entry[],
  winners: ReadonlySet<Entry>,
): Promise<CommitOutcome[]> {
  const losers = entries.filter((it) => !winners.has(it));
  if (losers.length === 0) return entries.map(() => ({ kind: "written" }));
  const { rows } = await client.query<{
    agent_id: string;
    key_id: string;
    nonce: string;
    digest: Buffer;
    status: number;
    answer: Record<string, unknown>;
  }>({
    ...READ_ANSWERS,
    values: [
      losers.map((it) => it.agentId),
      losers.map((it) => it.nonce?.keyId),
      losers.map((it) => it.nonce?.nonce),
    ],
  });
  const stored = new Map(rows.map((row) => [`${row.agent_id} ${row.key_id} ${row.nonce}`, row]));
  return entries.map((entry) => {
    if (winners.has(entry)) return { kind: "written" };
    const row = stored.get(nonceKey(entry) ?? "");
    const same = row !== undefined && entry.nonce !== null && row.digest.equals(entry.nonce.digest);
    return same ? { kind: "replayed", status: row.status, answer: row.answer } : { kind: "nonce-reused" };
  });
}

function nonceKey({ agentId, nonce }: Entry): string | null {
  return nonce && `${agentId} ${nonce.keyId} ${nonce.nonce}`;
}

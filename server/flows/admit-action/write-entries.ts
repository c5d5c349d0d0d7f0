import { drizzle } from "drizzle-orm/node-postgres";
import type { PoolClient } from "pg";
import type { Database, Tx } from "../../../db/client.ts";
import * as schema from "../../../db/schema/index.ts";
import { within } from "../../kernel/within.ts";
import type { RuleAlert } from "../../layers/monitoring/engine/action-rules.ts";
import { noteFiring } from "../../layers/monitoring/note-firing.ts";
import { raiseAlert } from "../../layers/monitoring/raise-alert.ts";
import type { CommitOutcome, Entry } from "./entry.ts";
import { claimsOf, nonceKey, nonceValues, rowValues, WRITE_ROWS, writeAtOnce } from "./write-at-once.ts";

const CLAIM_NONCES = {
  name: "admission-nonces",
  text: `insert into request_nonces (agent_id, key_id, nonce, digest, status, answer, at)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::int[], $6::jsonb[], $7::timestamptz[])
    on conflict do nothing
    returning agent_id, key_id, nonce`,
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
const FIRING_MS = 60_000;

/**
 * Writes what many requests leave behind in one transaction: all of it or nothing. The database alone decides
 * which request of a nonce is the first, whichever gateway it reached; the others learn the stored answer. The
 * caller announces the records (`announceRecords`).
 *
 * @returns one outcome for each entry, in order.
 */
export async function writeEntries(db: Database, entries: readonly Entry[]): Promise<CommitOutcome[]> {
  const client = await db.$client.connect();
  try {
    const outcomes = await within(WRITE_MS_MAX, "writing the records", write(client, entries));
    client.release();
    return outcomes;
  } catch (error) {
    // The connection may be dead or mid-transaction: closing it ends both.
    client.release(true);
    throw error;
  }
}

async function write(client: PoolClient, entries: readonly Entry[]): Promise<CommitOutcome[]> {
  if (await writeAtOnce(client, entries)) return entries.map(() => ({ kind: "written" }));
  return transact(client, entries);
}

async function transact(client: PoolClient, entries: readonly Entry[]): Promise<CommitOutcome[]> {
  await client.query("begin");
  const winners = await claimNonces(client, entries);
  if (winners.size > 0) {
    await client.query({ ...WRITE_ROWS, values: rowValues([...winners]) });
    await raiseAlerts(client, [...winners]);
  }
  await client.query("commit");
  return outcomes(client, entries, winners);
}

async function claimNonces(client: PoolClient, entries: readonly Entry[]): Promise<Set<Entry>> {
  const winners = new Set(entries.filter((entry) => entry.nonce === null));
  const claims = claimsOf(entries);
  if (claims.length === 0) return winners;
  const { rows } = await client.query<{ agent_id: string; key_id: string; nonce: string }>({
    ...CLAIM_NONCES,
    values: nonceValues(claims),
  });
  const claimed = new Set(rows.map((row) => `${row.agent_id} ${row.key_id} ${row.nonce}`));
  for (const claim of claims) if (claimed.has(nonceKey(claim) ?? "")) winners.add(claim);
  return winners;
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
  for (const [, { entry, alert }] of [...asked].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { alertId } = await raiseAlert(tx, {
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
    await noteFiring(tx, firingOf(entry, alert, alertId), true);
  }
}

/** A rule for single actions fires once a minute, as far as firings are counted. */
function firingOf(
  { agentId, at, record, rulesVersion }: Entry,
  { rule, detail }: RuleAlert,
  alertId: string,
) {
  const episodeAt = new Date(at.getTime() - (at.getTime() % FIRING_MS));
  return {
    ...{ agentId, rule, episodeAt, version: rulesVersion, firstAt: at, lastAt: at },
    ...{ counts: { said: detail }, recordIds: [record.id], alertId, now: at },
  };
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

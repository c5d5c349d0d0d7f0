import { sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { auditIndex, auditRecords } from "../../../db/schema/index.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { canonicalBytes, type Json } from "../../kernel/canonical.ts";
import type { Check } from "../../kernel/decision.ts";
import { sha256 } from "../../kernel/hash.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { type AuditRecordBody, RECORD_VERSION } from "./schema.ts";

/** What a verb says of its change; the rest of the record is made here. */
export type AuditEntry = {
  kind: string;
  actor: Actor;
  now: Date;
  agent?: { id: string; did: string };
  outcome?: "allow" | "deny" | "partial";
  checks?: Check[];
  details?: Record<string, unknown>;
  approvalId?: string;
  grantIds?: string[];
  policyVersion?: number;
  onBehalfOf?: string;
  trace?: string;
  /** Search keys that lead to this record. */
  subjects?: string[];
};

/**
 * Writes the audit record of a change, in the transaction of the change: if this fails, nothing happened.
 *
 * @returns the record's id.
 */
export async function appendRecord(tx: Tx, entry: AuditEntry): Promise<string> {
  const id = uuidv7(entry.now.getTime());
  const body: AuditRecordBody = {
    v: RECORD_VERSION,
    id,
    kind: entry.kind,
    timestamp: entry.now.toISOString(),
    actor: actorRecord(entry.actor),
    agentId: entry.agent?.did,
    outcome: entry.outcome,
    checks: entry.checks,
    approvalId: entry.approvalId,
    grantIds: entry.grantIds,
    policyVersion: entry.policyVersion,
    onBehalfOf: entry.onBehalfOf,
    trace: entry.trace,
    details: entry.details,
  };
  const bytes = canonicalBytes(JSON.parse(JSON.stringify(body)) as Json);
  const record = {
    id,
    kind: entry.kind,
    at: entry.now,
    agentId: entry.agent?.id ?? null,
    actor: body.actor.name,
    outcome: entry.outcome ?? null,
    body: bytes,
    digest: sha256(bytes),
  };
  // Announced by the same statement: one round trip fewer in every audited change.
  await tx.insert(auditRecords).values(record).returning({ told: sql`pg_notify('vigil', 'record:')` });
  for (const subject of new Set(entry.subjects ?? []))
    await tx.insert(auditIndex).values({ kind: "subject", value: subject, recordId: id, at: entry.now });
  return id;
}

import { and, desc, eq, gt, isNull, or } from "drizzle-orm";
import type { Tx } from "../../db/client.ts";
import {
  accessTokens,
  agents,
  auditRecords,
  baselines,
  credentials,
  featureWindows,
  grants,
  isolationStates,
  responseStates,
  scopePolicies,
} from "../../db/schema/index.ts";
import { canonicalBytes, type Json } from "../kernel/canonical.ts";
import { sha256Label } from "../kernel/hash.ts";

export const EVIDENCE_LIMITS = {
  records: 500,
  windows: 120,
  grants: 1_000,
  tokens: 1_000,
  credentials: 1_000,
} as const;
const TOKENS_SINCE_MS = 24 * 3_600_000;

/**
 * Everything that says what an agent was and had at this moment: grants, tokens, credentials, baseline,
 * policy, its last actions by digest, and its latest windows with their scores. Secrets are not among it.
 */
export async function gatherEvidence(tx: Tx, agentId: string, now: Date): Promise<Json> {
  const of = <T extends { agentId: unknown }>(table: T) => eq(table.agentId as never, agentId);
  const [agent] = await tx.select().from(agents).where(eq(agents.id, agentId));
  const [isolation] = await tx.select().from(isolationStates).where(of(isolationStates));
  const [response] = await tx.select().from(responseStates).where(of(responseStates));
  const evidence = {
    agent,
    isolation: isolation ?? null,
    response: response ?? null,
    grants: await tx
      .select()
      .from(grants)
      .where(of(grants))
      .orderBy(desc(grants.grantedAt), grants.id)
      .limit(EVIDENCE_LIMITS.grants),
    tokens: await tokensOf(tx, agentId, now),
    credentials: await credentialsOf(tx, agentId),
    baseline: await baselineOf(tx, agentId),
    policy: await policyNow(tx),
    records: await lastRecords(tx, agentId),
    windows: await tx
      .select()
      .from(featureWindows)
      .where(of(featureWindows))
      .orderBy(desc(featureWindows.at))
      .limit(EVIDENCE_LIMITS.windows),
    limits: EVIDENCE_LIMITS,
  };
  return JSON.parse(JSON.stringify(evidence)) as Json;
}

async function tokensOf(tx: Tx, agentId: string, now: Date) {
  const since = new Date(now.getTime() - TOKENS_SINCE_MS);
  return tx
    .select()
    .from(accessTokens)
    .where(
      and(
        eq(accessTokens.agentId, agentId),
        or(gt(accessTokens.expiresAt, since), gt(accessTokens.revokedAt, since)),
      ),
    )
    .orderBy(desc(accessTokens.issuedAt), accessTokens.jti)
    .limit(EVIDENCE_LIMITS.tokens);
}

async function credentialsOf(tx: Tx, agentId: string) {
  return tx
    .select({
      id: credentials.id,
      purpose: credentials.purpose,
      serial: credentials.serial,
      thumbprint: credentials.thumbprint,
      keyId: credentials.keyId,
      status: credentials.status,
      notBefore: credentials.notBefore,
      notAfter: credentials.notAfter,
      issuedAt: credentials.issuedAt,
      revokedAt: credentials.revokedAt,
      revokeReason: credentials.revokeReason,
    })
    .from(credentials)
    .where(eq(credentials.agentId, agentId))
    .orderBy(desc(credentials.issuedAt), credentials.id)
    .limit(EVIDENCE_LIMITS.credentials);
}

async function baselineOf(tx: Tx, agentId: string) {
  const [baseline] = await tx
    .select()
    .from(baselines)
    .where(and(eq(baselines.agentId, agentId), isNull(baselines.retiredAt)))
    .orderBy(desc(baselines.version))
    .limit(1);
  if (!baseline) return null;
  const { model, ...rest } = baseline;
  return { ...rest, modelDigest: sha256Label(canonicalBytes(model as Json)) };
}

async function policyNow(tx: Tx) {
  const [policy] = await tx.select().from(scopePolicies).orderBy(desc(scopePolicies.version)).limit(1);
  if (!policy) return null;
  return { version: policy.version, digest: sha256Label(canonicalBytes(policy.document as Json)) };
}

async function lastRecords(tx: Tx, agentId: string) {
  const rows = await tx
    .select({
      id: auditRecords.id,
      at: auditRecords.at,
      outcome: auditRecords.outcome,
      digest: auditRecords.digest,
    })
    .from(auditRecords)
    .where(and(eq(auditRecords.agentId, agentId), eq(auditRecords.kind, "agent.actions")))
    .orderBy(desc(auditRecords.at), desc(auditRecords.id))
    .limit(EVIDENCE_LIMITS.records);
  return rows.map((row) => ({ ...row, digest: `sha256:${row.digest.toString("hex")}` }));
}

import { and, desc, eq, gte, inArray, lt, or, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import {
  accessTokens,
  agents,
  approvals,
  approvalVotes,
  auditRecords,
  grants,
  trustScores,
} from "../../../db/schema/index.ts";
import type { ApprovalRow, GrantRow } from "./store.ts";

/** No reading of a dry-run holds the database for longer than this. */
const STATEMENT_MS_MAX = 3_000;
export const RECORDS_BATCH = 1_000;
export const APPROVALS_MAX = 10_000;
const KINDS = ["token.issued", "token.refused", "agent.actions"];

export type Span = { from: Date; to: Date };
export type RecordRow = Pick<typeof auditRecords.$inferSelect, "id" | "kind" | "at" | "agentId" | "body">;

/** Reads what a batch needs in one short transaction that can change nothing. */
export function briefly<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql.raw(`set local statement_timeout = ${STATEMENT_MS_MAX}`));
      return work(tx);
    },
    { accessMode: "read only" },
  );
}

/** Records of decisions, the newest first, behind the last one read. */
export function recordsBefore(
  tx: Tx,
  span: Span,
  last: Pick<RecordRow, "id" | "at"> | null,
): Promise<RecordRow[]> {
  const { id, kind, at, agentId, body } = auditRecords;
  const behind = last
    ? or(lt(auditRecords.at, last.at), and(eq(auditRecords.at, last.at), lt(auditRecords.id, last.id)))
    : undefined;
  return tx
    .select({ id, kind, at, agentId, body })
    .from(auditRecords)
    .where(
      and(
        gte(auditRecords.at, span.from),
        lt(auditRecords.at, last ? new Date(last.at.getTime() + 1) : span.to),
        behind,
        inArray(auditRecords.kind, KINDS),
      ),
    )
    .orderBy(desc(auditRecords.at), desc(auditRecords.id))
    .limit(RECORDS_BATCH);
}

export async function namesOfAgents(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: agents.id, name: agents.name })
    .from(agents)
    .where(inArray(agents.id, [...new Set(ids)]));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export async function grantsById(tx: Tx, ids: readonly string[]): Promise<Map<string, GrantRow>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select()
    .from(grants)
    .where(inArray(grants.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

/** What tokens carried, by their ids. */
export async function scopesByToken(tx: Tx, jtis: readonly string[]): Promise<Map<string, string[]>> {
  if (jtis.length === 0) return new Map();
  const rows = await tx
    .select({ jti: accessTokens.jti, scopes: accessTokens.scopes })
    .from(accessTokens)
    .where(inArray(accessTokens.jti, [...new Set(jtis)]));
  return new Map(rows.map(({ jti, scopes }) => [jti, scopes]));
}

/** Each agent's kept trust scores up to an instant, the newest first. */
export async function trustUpTo(
  tx: Tx,
  agentIds: readonly string[],
  to: Date,
): Promise<Map<string, { at: Date; score: number }[]>> {
  if (agentIds.length === 0) return new Map();
  const rows = await tx
    .select({ agentId: trustScores.agentId, at: trustScores.at, score: trustScores.score })
    .from(trustScores)
    .where(and(inArray(trustScores.agentId, [...new Set(agentIds)]), lt(trustScores.at, to)))
    .orderBy(desc(trustScores.at))
    .limit(RECORDS_BATCH * 20);
  const kept = rows.map(({ agentId, at, score }) => ({ agentId, at, score: Number(score) }));
  return Map.groupBy(kept, ({ agentId }) => agentId);
}

/** Requests of the time, the newest first, with who approved each. */
export async function approvalsIn(
  tx: Tx,
  span: Span,
): Promise<{ approval: ApprovalRow; approvedBy: string[] }[]> {
  const rows = await tx
    .select()
    .from(approvals)
    .where(and(gte(approvals.requestedAt, span.from), lt(approvals.requestedAt, span.to)))
    .orderBy(desc(approvals.requestedAt))
    .limit(APPROVALS_MAX);
  if (rows.length === 0) return [];
  const votes = await tx
    .select({ approvalId: approvalVotes.approvalId, userId: approvalVotes.userId })
    .from(approvalVotes)
    .innerJoin(approvals, eq(approvals.id, approvalVotes.approvalId))
    .where(
      and(
        gte(approvals.requestedAt, span.from),
        lt(approvals.requestedAt, span.to),
        eq(approvalVotes.vote, "approve"),
        eq(approvalVotes.digest, approvals.digest),
      ),
    );
  const byApproval = Map.groupBy(votes, ({ approvalId }) => approvalId);
  return rows.map((approval) => ({
    approval,
    approvedBy: (byApproval.get(approval.id) ?? []).map(({ userId }) => userId),
  }));
}

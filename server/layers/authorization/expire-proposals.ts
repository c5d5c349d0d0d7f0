import { and, eq, lte } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { policyProposals } from "../../../db/schema/index.ts";
import { appendRecord } from "../audit/append.ts";

/** Ends proposals that nobody decided in time, in the caller's transaction. Time alone never approves. */
export async function expireOverdueProposals(tx: Tx, now: Date): Promise<number> {
  const ended = await tx
    .update(policyProposals)
    .set({ status: "expired", decidedAt: now, decisionReason: "Nobody decided in time." })
    .where(and(eq(policyProposals.status, "pending"), lte(policyProposals.expiresAt, now)))
    .returning();
  for (const { id, digest, baseVersion, expiresAt } of ended) {
    await appendRecord(tx, {
      kind: "policy.proposal_expired",
      actor: { type: "system", id: "policy" },
      now,
      outcome: "deny",
      policyVersion: baseVersion,
      details: { proposalId: id, digest, expiredAt: expiresAt.toISOString() },
    });
    await notify(tx, "policy", id);
  }
  return ended.length;
}

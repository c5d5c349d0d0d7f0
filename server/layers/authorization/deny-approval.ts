import type { Tx } from "../../../db/client.ts";
import { appendRecord } from "../audit/append.ts";
import { decideApproval } from "./decide-approval.ts";
import type { VoteAnswer } from "./schema.ts";
import type { VoteSeen } from "./vote-facts.ts";

/**
 * Ends a request with a denial and its reason, in the transaction of the vote that denied it.
 *
 * @throws ConflictError `approval_decided`.
 */
export async function denyApproval(tx: Tx, seen: VoteSeen, reason: string): Promise<VoteAnswer> {
  const { approval, agent, actor, now } = seen;
  await decideApproval(tx, approval.id, { status: "denied", decidedAt: now, decisionReason: reason });
  await appendRecord(tx, {
    kind: "approval.denied",
    actor,
    now,
    agent: { id: agent.id, did: agent.did },
    outcome: "deny",
    approvalId: approval.id,
    policyVersion: approval.policyVersion,
    details: { scope: approval.scope, reason },
  });
  const { votesNeeded } = approval;
  return { status: "denied", votes: 0, votesNeeded, grantId: null, grantExpiresAt: null };
}

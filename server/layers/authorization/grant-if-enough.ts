import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { grants } from "../../../db/schema/index.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { agreedLimits } from "./agreed-limits.ts";
import { decideApproval } from "./decide-approval.ts";
import { approvalDigest } from "./engine/approval-digest.ts";
import { coverFromAbove, firstEnd } from "./engine/decide-scopes.ts";
import type { Limits } from "./engine/narrow-limits.ts";
import type { VoteAnswer } from "./schema.ts";
import { votesOn } from "./store.ts";
import { judgeVotes, type VoteSeen } from "./vote-facts.ts";

/**
 * Makes the one grant of a request once every need of every step is filled by people who count now, in the
 * transaction of the vote that completed it. It lasts the shortest of their times, and ends with what a child's
 * elders hold at the latest.
 *
 * @throws ConflictError `approval_decided`.
 */
export async function grantIfEnough(tx: Tx, seen: VoteSeen): Promise<VoteAnswer> {
  const { approval, agent, actor, now } = seen;
  const { counting, enough, steps } = judgeVotes({ ...seen, votes: await votesOn(tx, [approval.id]) });
  const answer = { votes: counting.length, votesNeeded: approval.votesNeeded };
  if (!enough || counting.length < approval.votesNeeded)
    return { ...answer, status: "pending", grantId: null, grantExpiresAt: null };
  const durationSeconds = Math.min(...counting.map((vote) => vote.durationSeconds));
  const limits = agreedLimits(approval, counting);
  const expiresAt = grantEnd(seen, durationSeconds, limits);
  const grantId = uuidv7(now.getTime());
  await decideApproval(tx, approval.id, { status: "approved", decidedAt: now, grantId });
  const { agentId, scope, resource, policyVersion } = approval;
  await tx.insert(grants).values({
    ...{ id: grantId, agentId, scope, approvalId: approval.id, limits, policyVersion, expiresAt },
    grantedBy: counting.map((vote) => vote.userId).join(","),
    grantedAt: now,
  });
  await appendRecord(tx, {
    kind: "grant.approved",
    actor,
    now,
    agent: { id: agent.id, did: agent.did },
    outcome: "allow",
    approvalId: approval.id,
    grantIds: [grantId],
    policyVersion,
    details: {
      ...{ scope, resource, durationSeconds, requestDigest: approval.digest },
      ...(limits ? { limits } : {}),
      grantedDigest: approvalDigest({ agentId, scope, resource, durationSeconds, policyVersion, limits }),
      approvedBy: counting.map((vote) => vote.userId),
      steps: steps.map(({ title, needs }) => ({
        title,
        needs: needs.map(({ from, castBy }) => ({ from, castBy })),
      })),
      expiresAt: expiresAt.toISOString(),
    },
  });
  await notify(tx, "grant", agentId);
  return { ...answer, status: "approved", grantId, grantExpiresAt: expiresAt };
}

/** When the time that was approved ends; for a child no later than what those above it hold. */
function grantEnd({ approval, above, policy, now }: VoteSeen, durationSeconds: number, limits: Limits): Date {
  const asked = new Date(now.getTime() + durationSeconds * 1000);
  const rule = policy.scopes.find((it) => it.scope === approval.scope);
  const cover = rule ? firstEnd(coverFromAbove(above, rule, now, limits).grants) : null;
  return cover && cover < asked ? cover : asked;
}

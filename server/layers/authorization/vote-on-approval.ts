import { and, eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { lockLine } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { approvals, approvalVotes } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { agreedLimits } from "./agreed-limits.ts";
import { currentPolicy } from "./current-policy.ts";
import { decidingPolicy } from "./decisive-steps.ts";
import { denyApproval } from "./deny-approval.ts";
import { elders } from "./elders.ts";
import { decideVote } from "./engine/decide-vote.ts";
import { readLimits } from "./engine/narrow-limits.ts";
import { grantIfEnough } from "./grant-if-enough.ts";
import { type Operator, ownersOf } from "./person-now.ts";
import { type VoteAnswer, type VoteInput, voteInput } from "./schema.ts";
import { lockApproval, unknownAgent, type VoteRow, votesOn } from "./store.ts";
import { judgeVotes, loadPeople, peopleConcerned, voteFacts } from "./vote-facts.ts";

type Vote = ReturnType<typeof voteInput.parse>;

/** Checks that fail because the world moved on, not because of who votes. */
const MOVED_ON: readonly string[] = [
  "open",
  "first-vote",
  "same-request",
  "limits-agree",
  "policy-unchanged",
  "step-not-open",
  "agent-in-service",
  "parent-in-service",
  "covered-by-parent",
];

/**
 * One person's vote on a request. One denial ends it; once every step has its approvals there is one grant, whose
 * time starts now. A vote that four eyes refuse is recorded, then thrown.
 *
 * @param stepUp how the voter proved a second factor.
 * @throws ForbiddenError `not_permitted`, or `vote_refused` with the check that failed.
 * @throws ConflictError `vote_refused` where the request is decided, over, or not what the voter saw.
 * @throws NotFoundError `approval_unknown`.
 */
export async function voteOnApproval(
  ctx: VerbContext,
  input: VoteInput,
  stepUp: string,
): Promise<VoteAnswer> {
  requirePermission(ctx.actor, "approvals.vote");
  const vote = voteInput.parse(input);
  const { actor, now } = ctx;
  if (actor.type !== "operator" || stepUp === "")
    throw new ForbiddenError("vote_refused", "Only a person who confirmed that it is them has a vote.");
  const outcome = await ctx.db.transaction((tx) => castVote(tx, vote, { actor, stepUp, now }));
  if ("failed" in outcome) throw refusal(outcome.failed);
  return outcome.answer;
}

async function castVote(
  tx: Tx,
  vote: Vote,
  { actor, stepUp, now }: { actor: Operator; stepUp: string; now: Date },
): Promise<{ answer: VoteAnswer } | { failed: Check }> {
  const asked = await lockApproval(tx, vote.id);
  const [agent, ...line] = await lockLine(tx, asked.agentId, "share");
  if (!agent) throw unknownAgent(asked.agentId);
  const earlier = await votesOn(tx, [asked.id]);
  const ownerIds = ownersOf([agent, ...line]);
  const users = await loadPeople(tx, peopleConcerned(asked, ownerIds, earlier, actor.id), tx);
  const { policy, votesNeeded } = await decidingPolicy(tx, await currentPolicy(tx), asked, now);
  const approval = { ...asked, votesNeeded };
  const above = await elders(tx, line, now);
  const wish = {
    ...vote,
    durationSeconds: vote.durationSeconds ?? approval.durationSeconds,
    limits: readLimits(vote.limits ?? approval.limits),
  };
  const facts = voteFacts({
    ...{ approval, agent, ownerIds, above, policy, votes: earlier, users, actor, now },
  });
  const agreed = agreedLimits(
    approval,
    judgeVotes({ approval, ownerIds, policy, users, votes: earlier }).counting,
  );
  const decision = decideVote({ ...facts, agreed }, wish);
  const failed = decision.checks.find((check) => !check.passed);
  const record = {
    actor,
    now,
    agent: { id: agent.id, did: agent.did },
    checks: decision.checks,
    approvalId: approval.id,
    policyVersion: approval.policyVersion,
  };
  const details = {
    scope: approval.scope,
    vote: vote.vote,
    reason: vote.reason,
    digest: vote.digest,
    stepUp,
  };
  if (failed) {
    await appendRecord(tx, { ...record, kind: "approval.vote_refused", outcome: "deny", details });
    return { failed };
  }
  const { id: approvalId, digest } = approval;
  const { vote: choice, reason, durationSeconds, limits } = wish;
  await tx.insert(approvalVotes).values({
    approvalId,
    userId: actor.id,
    digest,
    vote: choice,
    reason,
    durationSeconds,
    limits,
    stepUp,
    votedAt: afterAll(earlier, now),
  });
  // Who was told that more decide is not overtaken when the sums of others are gone again.
  if (approval.votesNeeded > asked.votesNeeded)
    await tx
      .update(approvals)
      .set({ votesNeeded: approval.votesNeeded })
      .where(and(eq(approvals.id, approvalId), eq(approvals.status, "pending")));
  await appendRecord(tx, {
    ...record,
    kind: "approval.voted",
    outcome: choice === "approve" ? "allow" : "deny",
    details: { ...details, durationSeconds, ...(limits ? { limits } : {}) },
  });
  await notify(tx, "approval", approvalId);
  const seen = { approval, agent, ownerIds, users, above, policy, actor, now };
  return { answer: choice === "deny" ? await denyApproval(tx, seen, reason) : await grantIfEnough(tx, seen) };
}

/** Votes are counted in the order in which they were cast, whatever the clocks of the doors say. */
function afterAll(earlier: readonly VoteRow[], now: Date): Date {
  return new Date(Math.max(now.getTime(), ...earlier.map(({ votedAt }) => votedAt.getTime() + 1)));
}

function refusal(check: Check): ForbiddenError | ConflictError {
  const facts = { check: check.id };
  return MOVED_ON.includes(check.id)
    ? new ConflictError("vote_refused", check.detail, facts)
    : new ForbiddenError("vote_refused", check.detail, facts);
}

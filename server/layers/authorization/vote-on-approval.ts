import { and, eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { lockLine } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { approvals, approvalVotes, grants } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { agreedLimits } from "./agreed-limits.ts";
import { currentPolicy } from "./current-policy.ts";
import { decisiveNow } from "./decisive-steps.ts";
import { elders } from "./elders.ts";
import { approvalDigest } from "./engine/approval-digest.ts";
import { coverFromAbove, type Elder, firstEnd } from "./engine/decide-scopes.ts";
import { decideVote } from "./engine/decide-vote.ts";
import { type Limits, readLimits } from "./engine/narrow-limits.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import { type VoteAnswer, type VoteInput, voteInput } from "./schema.ts";
import {
  type AgentRow,
  type ApprovalRow,
  lockApproval,
  type UserRow,
  unknownAgent,
  votesOn,
} from "./store.ts";
import { countingVotes, loadPeople, peopleConcerned, voteFacts } from "./vote-facts.ts";

type Vote = ReturnType<typeof voteInput.parse>;
type Operator = Extract<Actor, { type: "operator" }>;
type Seen = {
  approval: ApprovalRow;
  agent: AgentRow;
  users: Map<string, UserRow>;
  above: Elder[];
  policy: ScopePolicy;
  actor: Operator;
  now: Date;
};

/** Checks that fail because the world moved on, not because of who votes. */
const MOVED_ON: readonly string[] = [
  "open",
  "first-vote",
  "same-request",
  "limits-agree",
  "policy-unchanged",
  "agent-in-service",
  "parent-in-service",
  "covered-by-parent",
];

/**
 * One person's vote on a request. One denial ends it; the needed number of approvals makes one grant, whose
 * time starts now and, for a child, ends with its parent's grant at the latest. A vote that four eyes refuse is recorded, then thrown.
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
  const users = await loadPeople(tx, peopleConcerned(asked, agent, earlier, actor.id), tx);
  const policy = await currentPolicy(tx);
  const approval = { ...asked, ...(await decisiveNow(tx, policy, asked, now)) };
  const above = await elders(tx, line, now);
  const wish = {
    ...vote,
    durationSeconds: vote.durationSeconds ?? approval.durationSeconds,
    limits: readLimits(vote.limits ?? approval.limits),
  };
  const facts = voteFacts({
    ...{ approval, agent, above, policy, votes: earlier, users, actor, now },
  });
  const agreed = agreedLimits(approval, countingVotes(approval, earlier, users));
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
    votedAt: now,
  });
  await appendRecord(tx, {
    ...record,
    kind: "approval.voted",
    outcome: choice === "approve" ? "allow" : "deny",
    details: { ...details, durationSeconds, ...(limits ? { limits } : {}) },
  });
  await notify(tx, "approval", approvalId);
  const seen = { approval, agent, users, above, policy, actor, now };
  return { answer: choice === "deny" ? await deny(tx, seen, reason) : await grantIfEnough(tx, seen) };
}

async function deny(tx: Tx, seen: Seen, reason: string): Promise<VoteAnswer> {
  const { approval, agent, actor, now } = seen;
  await decide(tx, approval.id, { status: "denied", decidedAt: now, decisionReason: reason });
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
  return {
    status: "denied",
    votes: 0,
    votesNeeded: approval.votesNeeded,
    grantId: null,
    grantExpiresAt: null,
  };
}

async function grantIfEnough(tx: Tx, seen: Seen): Promise<VoteAnswer> {
  const { approval, agent, users, actor, now } = seen;
  const counting = countingVotes(approval, await votesOn(tx, [approval.id]), users);
  const answer = { votes: counting.length, votesNeeded: approval.votesNeeded };
  if (counting.length < approval.votesNeeded)
    return { ...answer, status: "pending", grantId: null, grantExpiresAt: null };
  const durationSeconds = Math.min(...counting.map((vote) => vote.durationSeconds));
  const limits = agreedLimits(approval, counting);
  const expiresAt = grantEnd(seen, durationSeconds, limits);
  const grantId = uuidv7(now.getTime());
  await decide(tx, approval.id, { status: "approved", decidedAt: now, grantId });
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
      expiresAt: expiresAt.toISOString(),
    },
  });
  await notify(tx, "grant", agentId);
  return { ...answer, status: "approved", grantId, grantExpiresAt: expiresAt };
}

/** When the time that was approved ends; for a child no later than what those above it hold. */
function grantEnd({ approval, above, policy, now }: Seen, durationSeconds: number, limits: Limits): Date {
  const asked = new Date(now.getTime() + durationSeconds * 1000);
  const rule = policy.scopes.find((it) => it.scope === approval.scope);
  const cover = rule ? firstEnd(coverFromAbove(above, rule, now, limits).grants) : null;
  return cover && cover < asked ? cover : asked;
}

/** Leaves `pending` once: an approval is used up by the first decision. */
async function decide(tx: Tx, id: string, to: Partial<ApprovalRow>): Promise<void> {
  const moved = await tx
    .update(approvals)
    .set(to)
    .where(and(eq(approvals.id, id), eq(approvals.status, "pending")))
    .returning({ id: approvals.id });
  if (moved.length === 0) throw new ConflictError("approval_decided", "The request is already decided.");
}

function refusal(check: Check): ForbiddenError | ConflictError {
  const facts = { check: check.id };
  return MOVED_ON.includes(check.id)
    ? new ConflictError("vote_refused", check.detail, facts)
    : new ForbiddenError("vote_refused", check.detail, facts);
}

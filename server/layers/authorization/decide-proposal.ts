import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { policyProposals } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { lockPolicy } from "./current-policy.ts";
import { decideProposal as judgeDecision } from "./engine/decide-proposal.ts";
import { diffPolicies } from "./engine/diff-policies.ts";
import { readDocument } from "./engine/read-document.ts";
import { accountsConcerned, proposalFacts } from "./proposal-facts.ts";
import { type DecideProposalInput, decideProposalInput } from "./proposal-schema.ts";
import { lockProposal, policiesByVersion } from "./proposal-store.ts";
import { putPolicyInForce } from "./put-policy-in-force.ts";
import { lockUsers } from "./store.ts";

type Wish = z.output<typeof decideProposalInput>;
type By = { actor: Extract<Actor, { type: "operator" }>; stepUp: string; now: Date };
type Outcome = { version: number | null } | { failed: Check };

/** Checks that fail because the world moved on, not because of who decides. */
const MOVED_ON: readonly string[] = ["open", "base-current", "same-proposal"];

/**
 * A second person's decision on a proposed policy. Approved, it is the version that counts from this transaction
 * on, and what it takes away ends in it. A decision that the table of the second person refuses is recorded, then
 * thrown.
 *
 * @param stepUp how the person proved a second factor.
 * @returns the new version, or null where the proposal was rejected.
 * @throws ForbiddenError `not_permitted`, or `decision_refused` with the check that failed.
 * @throws ConflictError `decision_refused` where the proposal is decided, over, outdated or not what was seen.
 * @throws NotFoundError `proposal_unknown`.
 */
export async function decideProposal(
  ctx: VerbContext,
  input: DecideProposalInput,
  stepUp: string,
): Promise<{ version: number | null }> {
  requirePermission(ctx.actor, "policy.decide");
  const wish = decideProposalInput.parse(input);
  const { actor, now } = ctx;
  if (actor.type !== "operator" || stepUp === "")
    throw new ForbiddenError("decision_refused", "Only a person who confirmed that it is them decides.");
  const outcome = await ctx.db.transaction((tx) => decide(tx, wish, { actor, stepUp, now }));
  if ("failed" in outcome) throw refusal(outcome.failed);
  return outcome;
}

async function decide(tx: Tx, wish: Wish, by: By): Promise<Outcome> {
  const { actor, stepUp, now } = by;
  // The policy first: who puts it in force ends other proposals, whose rows must not wait for the policy then.
  const current = await lockPolicy(tx);
  const proposal = await lockProposal(tx, wish.id);
  const after = readDocument(proposal.document);
  const base = (await policiesByVersion(tx, [proposal.baseVersion])).get(proposal.baseVersion) ?? current;
  const proposed = { base, after };
  const users = await lockUsers(tx, accountsConcerned(proposal, proposed, actor.id));
  const facts = proposalFacts({
    ...{ proposal, proposed, users, actor, now },
    changedMeanwhile: diffPolicies(base, current),
    currentVersion: current.version,
  });
  const { checks } = judgeDecision(facts, wish);
  const failed = checks.find((check) => !check.passed);
  const said = { proposalId: proposal.id, digest: wish.digest, reason: wish.reason, stepUp };
  if (failed) {
    await appendRecord(tx, {
      ...{ kind: "policy.decision_refused", actor, now, checks, outcome: "deny" },
      policyVersion: proposal.baseVersion,
      details: { ...said, decision: wish.decision },
    });
    return { failed };
  }
  const approved = wish.decision === "approve";
  await settle(tx, wish, by, approved ? after.version : null);
  if (approved) {
    const decided = { actor, stepUp, decisionReason: wish.reason, checks, now };
    await putPolicyInForce(tx, { proposal, before: current, after, ...decided });
    return { version: after.version };
  }
  await appendRecord(tx, {
    ...{ kind: "policy.rejected", actor, now, checks, outcome: "deny" },
    policyVersion: proposal.baseVersion,
    details: said,
  });
  await notify(tx, "policy", proposal.id);
  return { version: null };
}

/** Leaves `pending` once. */
async function settle(tx: Tx, wish: Wish, by: By, version: number | null): Promise<void> {
  const moved = await tx
    .update(policyProposals)
    .set({
      status: version === null ? "rejected" : "approved",
      decidedBy: by.actor.id,
      decidedAt: by.now,
      decisionReason: wish.reason,
      stepUp: by.stepUp,
      version,
    })
    .where(and(eq(policyProposals.id, wish.id), eq(policyProposals.status, "pending")))
    .returning({ id: policyProposals.id });
  if (moved.length === 0) throw new ConflictError("proposal_decided", "The proposal is already decided.");
}

function refusal(check: Check): ForbiddenError | ConflictError {
  const facts = { check: check.id };
  return MOVED_ON.includes(check.id)
    ? new ConflictError("decision_refused", check.detail, facts)
    : new ForbiddenError("decision_refused", check.detail, facts);
}

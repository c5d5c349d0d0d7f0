import type { Tx } from "../../../db/client.ts";
import { lockLine } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { present } from "../../kernel/ensure.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { applyLearning, requireFresh } from "./apply-learning.ts";
import { decideSecond } from "./engine/decide-second.ts";
import { type PreparedModel, prepareLearning } from "./learn-baseline.ts";
import { type DecideLearningInput, decideLearningInput } from "./learning-schema.ts";
import { truePositivesWithin } from "./learning-store.ts";
import { leavePending, markDone, type ProposalRow, proposalById, proposalDigest } from "./proposal-store.ts";
import { ownersOf, peopleByIds, refusedDecision, requirePerson, secondFacts } from "./second-person.ts";

type Operator = Extract<Actor, { type: "operator" }>;
type Wish = ReturnType<typeof decideLearningInput.parse>;
export type LearningAnswer = {
  status: "approved" | "denied";
  /** False where it waits for enough to learn from. */
  done: boolean;
  outcome: Record<string, unknown> | null;
};

/**
 * A second person approves or denies a change of what an agent is learnt from or scored by. Approved, it is done in the
 * same transaction; learning anew from too little waits, and a duty does it. A refused decision is recorded, then thrown.
 *
 * @param stepUp how the person proved a second factor.
 * @throws ForbiddenError `not_permitted`, `not_a_person`, `decision_refused` with the check that failed.
 * @throws ConflictError `decision_refused` where it is decided, over or not what was seen, `true_positive_within`,
 * `baseline_frozen`, `learning_changed`, `version_in_use`, `not_pinned`. @throws NotFoundError `proposal_unknown`.
 */
export async function decideLearning(
  ctx: VerbContext,
  input: DecideLearningInput,
  stepUp: string,
): Promise<LearningAnswer> {
  requirePermission(ctx.actor, "learning.decide");
  const wish = decideLearningInput.parse(input);
  const { db, now } = ctx;
  const actor = requirePerson(ctx.actor);
  if (stepUp === "") throw new ForbiddenError("decision_refused", "Confirm that it is you first.");
  const seen = await proposalById(db, wish.id);
  const prepared =
    wish.decision === "approve" && seen.kind === "relearn" && seen.status === "pending"
      ? await prepareIfEnough(ctx, seen)
      : null;
  const outcome = await db.transaction((tx) => decide(tx, wish, { actor, stepUp, now, prepared }));
  if ("failed" in outcome) throw refusedDecision(outcome.failed);
  return outcome.answer;
}

/** What is learnt before the transaction, which it would hold up; null where there is too little yet. */
export async function prepareIfEnough(
  { db, now }: Pick<VerbContext, "db" | "now">,
  { agentId, fromAt }: Pick<ProposalRow, "agentId" | "fromAt">,
): Promise<PreparedModel | null> {
  try {
    return await prepareLearning(db, agentId, now, fromAt);
  } catch (error) {
    if (error instanceof ConflictError && error.code === "still_learning") return null;
    throw error;
  }
}

async function decide(
  tx: Tx,
  wish: Wish,
  by: { actor: Operator; stepUp: string; now: Date; prepared: PreparedModel | null },
): Promise<{ answer: LearningAnswer } | { failed: Check }> {
  const { actor, stepUp, now, prepared } = by;
  const { agentId } = await proposalById(tx, wish.id);
  const line = await lockLine(tx, agentId, "update");
  const agent = present(line[0], "the agent of a proposal");
  const proposal = await proposalById(tx, wish.id, true);
  const { checks } = await judge(tx, proposal, ownersOf(line), wish, by);
  const failed = checks.find(({ passed }) => !passed);
  const record = {
    ...{ actor, now, checks, agent: { id: agent.id, did: agent.did } },
    subjects: [`learning:${proposal.id}`],
    details: {
      ...{ proposal: proposal.id, what: proposal.kind, decision: wish.decision, reason: wish.reason },
      ...{ proposedBy: proposal.proposedBy, digest: wish.digest, stepUp },
    },
  };
  if (failed) {
    await appendRecord(tx, { ...record, kind: "learning.decision_refused", outcome: "deny" });
    return { failed };
  }
  const approves = wish.decision === "approve";
  if (approves) await requireFresh(tx, agentId, prepared);
  const status = approves ? ("approved" as const) : ("denied" as const);
  const decision = {
    ...{ status, decidedBy: actor.id, decidedAt: now, decisionReason: wish.reason, stepUp },
  };
  if (!(await leavePending(tx, proposal.id, decision)))
    throw new ConflictError("decision_refused", "The proposal is already decided.", { check: "open" });
  const outcome = approves ? await applyLearning(tx, { proposal, prepared, actor, now }) : null;
  if (outcome) await markDone(tx, proposal.id, { at: now, outcome });
  await appendRecord(tx, {
    ...record,
    kind: approves ? "learning.approved" : "learning.denied",
    outcome: approves ? "allow" : "deny",
    details: { ...record.details, done: outcome },
  });
  await notify(tx, "score", agentId);
  return { answer: { status, done: outcome !== null, outcome } };
}

async function judge(
  tx: Tx,
  proposal: ProposalRow,
  ownerIds: readonly string[],
  wish: Wish,
  { actor, now }: { actor: Operator; now: Date },
): Promise<{ checks: Check[] }> {
  const people = await peopleByIds(tx, [actor.id, proposal.proposedBy, ...ownerIds], true);
  // A row that is not what was digested has a digest that no decision names.
  const digest = proposalDigest(proposal) === proposal.digest ? proposal.digest : "altered";
  const asked = { status: proposal.status, openUntil: proposal.openUntil, digest };
  const { proposedBy } = proposal;
  const facts = secondFacts({
    asked,
    proposedBy,
    ownerIds,
    people,
    actor,
    permission: "learning.decide",
    now,
  });
  const { checks } = decideSecond(facts, wish.digest);
  if (wish.decision !== "approve" || proposal.kind !== "readmit") return { checks };
  const attacks = await truePositivesWithin(tx, proposal);
  const passed = attacks.length === 0;
  const detail = passed
    ? "None of these minutes is under a true positive."
    : `Alerts ${attacks.join(", ")} were closed as true positives in this time: an attack is not let into learning.`;
  return { checks: [...checks, { id: "no-true-positive", passed, detail }] };
}

import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { decideSecond } from "./engine/decide-second.ts";
import { type DecideLearningInput, decideMaintenanceInput } from "./learning-schema.ts";
import {
  leavePlanned,
  lockAgents,
  maintenanceById,
  maintenanceDigest,
  ownersOfAll,
} from "./maintenance-store.ts";
import { peopleByIds, refusedDecision, requirePerson, secondFacts } from "./second-person.ts";

type Operator = Extract<Actor, { type: "operator" }>;
type Answer = { status: "approved" | "denied" };

/**
 * A second person approves or denies planned maintenance: not who planned it, and no owner of one of its agents or of
 * one above them. Approved after its start it counts from the decision on. A refused decision is recorded, then thrown.
 *
 * @param stepUp how the person proved a second factor.
 * @throws ForbiddenError `not_permitted`, `not_a_person`, `decision_refused` with the check that failed.
 * @throws ConflictError `decision_refused` where it is decided, over or not what was seen.
 * @throws NotFoundError `maintenance_unknown`.
 */
export async function decideMaintenance(
  ctx: VerbContext,
  input: DecideLearningInput,
  stepUp: string,
): Promise<Answer> {
  requirePermission(ctx.actor, "maintenance.decide");
  const wish = decideMaintenanceInput.parse(input);
  const actor = requirePerson(ctx.actor);
  if (stepUp === "") throw new ForbiddenError("decision_refused", "Confirm that it is you first.");
  const outcome = await ctx.db.transaction((tx) => decide(tx, wish, { actor, stepUp, now: ctx.now }));
  if ("failed" in outcome) throw refusedDecision(outcome.failed);
  return outcome.answer;
}

async function decide(
  tx: Tx,
  wish: ReturnType<typeof decideMaintenanceInput.parse>,
  { actor, stepUp, now }: { actor: Operator; stepUp: string; now: Date },
): Promise<{ answer: Answer } | { failed: Check }> {
  const { agentIds } = await maintenanceById(tx, wish.id);
  await lockAgents(tx, agentIds);
  const row = await maintenanceById(tx, wish.id, true);
  const ownerIds = await ownersOfAll(tx, row.agentIds);
  const people = await peopleByIds(tx, [actor.id, row.proposedBy, ...ownerIds], true);
  const digest = maintenanceDigest(row) === row.digest ? row.digest : "altered";
  const asked = { status: row.status, openUntil: row.endsAt, digest };
  const facts = { asked, proposedBy: row.proposedBy, ownerIds, people, actor, now };
  const { checks } = decideSecond(secondFacts({ ...facts, permission: "maintenance.decide" }), wish.digest);
  const failed = checks.find(({ passed }) => !passed);
  const approves = wish.decision === "approve";
  const record = {
    ...{ actor, now, checks, subjects: [`maintenance:${row.id}`] },
    details: {
      ...{ maintenance: row.id, decision: wish.decision, reason: wish.reason, digest: wish.digest, stepUp },
      plannedBy: row.proposedBy,
    },
  };
  if (failed) {
    await appendRecord(tx, { ...record, kind: "maintenance.decision_refused", outcome: "deny" });
    return { failed };
  }
  const status = approves ? ("approved" as const) : ("denied" as const);
  const decision = { status, decidedBy: actor.id, decidedAt: now, decisionReason: wish.reason, stepUp };
  if (!(await leavePlanned(tx, row.id, decision)))
    throw new ConflictError("decision_refused", "The plan is already decided.", { check: "open" });
  await appendRecord(tx, {
    ...record,
    kind: approves ? "maintenance.approved" : "maintenance.denied",
    outcome: approves ? "allow" : "deny",
  });
  await notify(tx, "maintenance", row.id);
  return { answer: { status } };
}

import { and, eq, gt, isNull } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { lockLine } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { trustOverrides } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { currentTrust } from "./current-trust.ts";
import { decideOverride } from "./engine/decide-override.ts";
import { leavePending, lockOverride, overrideById, overrideFacts, peopleOf } from "./override-store.ts";
import { ownersOf } from "./person-now.ts";
import { lockUsers, unknownAgent } from "./store.ts";
import { type DecideOverrideInput, decideOverrideInput } from "./trust-schema.ts";

type Operator = Extract<Actor, { type: "operator" }>;
type Wish = ReturnType<typeof decideOverrideInput.parse>;
type Answer = { status: "approved" | "denied"; endsAt: Date | null };

/** Checks that fail because the world moved on, not because of who decides. */
const MOVED_ON: readonly string[] = ["open", "same-request", "agent-in-service"];

/**
 * A second person approves or denies an override of trust. Approved, it counts from now for the time asked, in place of
 * whatever override counted before. A decision that is refused is recorded, then thrown.
 *
 * @param stepUp how the person proved a second factor.
 * @throws ForbiddenError `not_permitted`, or `override_refused` with the check that failed.
 * @throws ConflictError `override_refused` where it is decided, over, not what was seen, or the agent is stopped.
 * @throws NotFoundError `override_unknown`.
 */
export async function decideTrustOverride(
  ctx: VerbContext,
  input: DecideOverrideInput,
  stepUp: string,
): Promise<Answer> {
  requirePermission(ctx.actor, "trust.decide");
  const wish = decideOverrideInput.parse(input);
  const { actor, now } = ctx;
  if (actor.type !== "operator" || stepUp === "")
    throw new ForbiddenError("override_refused", "Only a person who confirmed that it is them decides.");
  const outcome = await ctx.db.transaction((tx) => decide(tx, wish, { actor, stepUp, now }));
  if (!("failed" in outcome)) return outcome.answer;
  const { id: check, detail } = outcome.failed;
  throw MOVED_ON.includes(check)
    ? new ConflictError("override_refused", detail, { check })
    : new ForbiddenError("override_refused", detail, { check });
}

async function decide(
  tx: Tx,
  wish: Wish,
  by: { actor: Operator; stepUp: string; now: Date },
): Promise<{ answer: Answer } | { failed: Check }> {
  const { actor, stepUp, now } = by;
  const { agentId } = await overrideById(tx, wish.id);
  const [agent, ...line] = await lockLine(tx, agentId, "update");
  if (!agent) throw unknownAgent(agentId);
  const row = await lockOverride(tx, wish.id);
  const ownerIds = ownersOf([agent, ...line]);
  const users = await lockUsers(tx, peopleOf(row, ownerIds, actor.id));
  const { checks } = decideOverride(overrideFacts({ row, agent, ownerIds, users, actor, now }), wish);
  const failed = checks.find((check) => !check.passed);
  const { computed } = await currentTrust(tx, agentId, now);
  const record = {
    ...{ actor, now, checks, agent: { id: agent.id, did: agent.did } },
    details: {
      ...{ override: row.id, decision: wish.decision, reason: wish.reason, digest: wish.digest, stepUp },
      ...{ score: row.score, computed, durationSeconds: row.durationSeconds, requestedBy: row.requestedBy },
    },
  };
  if (failed) {
    await appendRecord(tx, { ...record, kind: "trust.override_decision_refused", outcome: "deny" });
    return { failed };
  }
  const approves = wish.decision === "approve";
  const endsAt = approves ? new Date(now.getTime() + row.durationSeconds * 1000) : null;
  const replaced = approves ? await endCounting(tx, agentId, { by: actor.id, now }) : [];
  const status = approves ? "approved" : "denied";
  const decision = {
    status,
    decidedBy: actor.id,
    decidedAt: now,
    decisionReason: wish.reason,
    stepUp,
    endsAt,
  };
  if (!(await leavePending(tx, row.id, decision)))
    throw new ConflictError("override_refused", "The request is already decided.", { check: "open" });
  await appendRecord(tx, {
    ...record,
    kind: approves ? "trust.override_approved" : "trust.override_denied",
    outcome: approves ? "allow" : "deny",
    details: { ...record.details, ...(endsAt ? { endsAt: endsAt.toISOString(), replaced } : {}) },
  });
  await notify(tx, "trust", agentId);
  return { answer: { status, endsAt } };
}

/** Ends what counts for the agent now, in favour of what is approved. @returns their ids. */
async function endCounting(
  tx: Tx,
  agentId: string,
  { by, now }: { by: string; now: Date },
): Promise<string[]> {
  const ended = await tx
    .update(trustOverrides)
    .set({ endsAt: now, endedBy: by })
    .where(
      and(
        eq(trustOverrides.agentId, agentId),
        eq(trustOverrides.status, "approved"),
        gt(trustOverrides.endsAt, now),
        isNull(trustOverrides.endedBy),
      ),
    )
    .returning({ id: trustOverrides.id });
  return ended.map(({ id }) => id);
}

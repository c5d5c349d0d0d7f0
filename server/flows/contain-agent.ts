import { claimTurn } from "../../db/family.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { openContainment, type ScoredBy } from "../incidents/open-containment.ts";
import { reasonText } from "../incidents/schema.ts";
import { alertById, lockAgent, openContainmentOf } from "../incidents/store.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { startStopwatch } from "../kernel/stopwatch.ts";
import { changeAgentStatus } from "../layers/identity/change-agent-status.ts";
import { setIsolation } from "../layers/isolation/set-isolation.ts";
import { finishContainment } from "./finish-containment.ts";
import { stopFamily } from "./stop-family.ts";

export type Containment = { containmentId: string; incidentId: string | null; alreadyContained: boolean };

type Asked = {
  agentId: string;
  reason: string;
  alertId?: string | undefined;
  score?: number | undefined;
  contributions?: unknown;
  /** Model and baseline that the score is of. */
  scoredBy?: ScoredBy | undefined;
};

/**
 * Contains an agent: its tokens and those of all below it die, every gateway denies them, its status says so, in
 * one short transaction;
 * then evidence is taken, an incident opened and an alert raised, each a step with its own result. A step
 * that fails is shown and taken again by a duty. Opens its own transactions.
 *
 * @returns the containment, an open one where the agent is contained already. `incidentId` is null while
 * the step that opens the incident has yet to succeed.
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`, `alert_unknown`.
 * @throws ConflictError `illegal_transition` for an agent that cannot act anyway: never enrolled, or retired.
 */
export async function containAgent(ctx: VerbContext, asked: Asked): Promise<Containment> {
  requirePermission(ctx.actor, "agents.contain");
  const decided = await decide(ctx, { ...asked, reason: reasonText.parse(asked.reason) });
  const { incidentId } = await finishContainment(ctx.db, { ...decided, actor: ctx.actor, now: ctx.now });
  return { ...decided, incidentId };
}

/** The transaction after which the agent can do nothing. Two callers at once wait here for each other. */
async function decide(
  { db, actor, now }: VerbContext,
  { agentId, reason, alertId, score, contributions, scoredBy }: Asked,
): Promise<{ containmentId: string; alreadyContained: boolean }> {
  const clock = startStopwatch(now);
  return db.transaction(async (tx) => {
    await claimTurn(tx, agentId);
    const agent = await lockAgent(tx, agentId);
    const open = await openContainmentOf(tx, agentId);
    if (open) return { containmentId: open.id, alreadyContained: true };
    if (alertId && (await alertById(tx, alertId)).agentId !== agentId)
      throw new InvalidInputError("alert_of_other", "This alert is about another agent.", { alert: alertId });

    const change = { agentId, reason: `contained: ${reason}`, actor, now };
    const tokensAt = clock();
    const { revoked, revokedBelow, below } = await stopFamily(tx, { ...change, agent });
    const isolationAt = clock();
    const { epoch } = await setIsolation(tx, { ...change, state: "deny_all" });
    await changeAgentStatus(tx, { ...change, to: "contained" });
    const containmentId = await openContainment(tx, {
      agent,
      reason,
      alertId: alertId ?? null,
      score: score ?? null,
      contributions: contributions ?? null,
      scoredBy: scoredBy ?? null,
      tokensRevoked: revoked + revokedBelow,
      below,
      epoch,
      tokensAt,
      isolationAt,
      actor,
      now,
      clock,
    });
    return { containmentId, alreadyContained: false };
  });
}

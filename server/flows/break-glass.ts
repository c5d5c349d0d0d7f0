import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";
import type { Check } from "../kernel/decision.ts";
import { ConflictError, ForbiddenError } from "../kernel/errors.ts";
import { BREAK_GLASS_STATES } from "../layers/authorization/engine/decide-break-glass.ts";
import { giveByBreakGlass } from "../layers/authorization/give-by-break-glass.ts";
import {
  type BreakGlassAnswer,
  type BreakGlassInput,
  breakGlassInput,
} from "../layers/authorization/glass-schema.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";

/**
 * Gives an agent an elevated or time-bound scope by one person's word, because it cannot wait for a second: only by
 * those whom the policy names now, for a short time, with a critical alert and a message to everybody outside who
 * is to hear of it, and a review that somebody else owes. A refusal is recorded as well.
 *
 * @param stepUp how the person proved a second factor.
 * @throws ForbiddenError `not_permitted`, or `break_glass_refused` with the check that failed.
 * @throws ConflictError `break_glass_refused` where the agent, the scope or the time does not allow it.
 * @throws NotFoundError `agent_unknown`. @throws InvalidInputError `scope_unknown`.
 */
export async function breakGlass(
  ctx: VerbContext,
  input: BreakGlassInput,
  stepUp: string,
): Promise<BreakGlassAnswer> {
  requirePermission(ctx.actor, "glass.break");
  const wish = breakGlassInput.parse(input);
  const { actor, now } = ctx;
  if (actor.type !== "operator" || stepUp === "")
    throw new ForbiddenError(
      "break_glass_refused",
      "Only a person who confirmed that it is them breaks glass.",
    );
  const outcome = await ctx.db.transaction(async (tx) => {
    const given = await giveByBreakGlass(tx, { input: wish, stepUp, actor, now });
    if ("failed" in given) return given;
    const { agent, rule, answer } = given;
    const said = {
      ...{ breakGlassId: answer.breakGlassId, scope: rule.scope, risk: rule.risk, by: actor.email },
      ...{ reason: wish.reason, endsAt: answer.endsAt, reviewDueAt: answer.reviewDueAt },
    };
    await raiseAlert(tx, {
      agentId: agent.id,
      kind: "authorization",
      rule: `break-glass:${answer.breakGlassId}`,
      severity: "critical",
      title: `${actor.email} broke glass: ${agent.name} has ${rule.scope}`,
      detail: { ...said, grantId: answer.grantId },
      ...{ actor, now },
    });
    await enqueueDelivery(tx, { topic: "break_glass.used", body: { ...said, agent: agent.did }, now });
    return { answer };
  });
  if ("failed" in outcome) throw refusal(outcome.failed);
  return outcome.answer;
}

function refusal(check: Check): ForbiddenError | ConflictError {
  const facts = { check: check.id };
  return BREAK_GLASS_STATES.includes(check.id)
    ? new ConflictError("break_glass_refused", check.detail, facts)
    : new ForbiddenError("break_glass_refused", check.detail, facts);
}

import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";
import { ConflictError, ForbiddenError } from "../kernel/errors.ts";
import { type ReviewBreakGlassInput, reviewBreakGlassInput } from "../layers/authorization/glass-schema.ts";
import { settleBreakGlass } from "../layers/authorization/settle-break-glass.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";

/**
 * Somebody else's verdict on a use of break-glass, for good. One that was not justified raises an alert, so that
 * somebody decides whether it is an incident. A refusal is recorded as well.
 *
 * @param stepUp how the reviewer proved a second factor.
 * @throws ForbiddenError `not_permitted`, or `review_refused` with the check that failed.
 * @throws ConflictError `review_refused` where it is reviewed. @throws NotFoundError `break_glass_unknown`.
 */
export async function reviewBreakGlass(
  ctx: VerbContext,
  input: ReviewBreakGlassInput,
  stepUp: string,
): Promise<{ verdict: "justified" | "not-justified" }> {
  requirePermission(ctx.actor, "glass.review");
  const review = reviewBreakGlassInput.parse(input);
  const { actor, now } = ctx;
  if (actor.type !== "operator" || stepUp === "")
    throw new ForbiddenError("review_refused", "Only a person who confirmed that it is them reviews a use.");
  const outcome = await ctx.db.transaction(async (tx) => {
    const settled = await settleBreakGlass(tx, { input: review, stepUp, actor, now });
    if ("failed" in settled || review.verdict === "justified") return settled;
    const { use, agent } = settled;
    const said = { breakGlassId: use.id, scope: use.scope, usedBy: use.userId, reviewedBy: actor.id };
    await raiseAlert(tx, {
      agentId: agent.id,
      kind: "authorization",
      rule: `break-glass-not-justified:${use.id}`,
      severity: "high",
      title: `Break-glass for ${agent.name} was not justified: decide whether it is an incident`,
      detail: { ...said, reason: review.reason },
      ...{ actor, now },
    });
    const body = { ...said, agent: agent.did, reason: review.reason };
    await enqueueDelivery(tx, { topic: "break_glass.not_justified", body, now });
    return settled;
  });
  if ("failed" in outcome) {
    const { id, detail } = outcome.failed;
    throw id === "unreviewed"
      ? new ConflictError("review_refused", detail, { check: id })
      : new ForbiddenError("review_refused", detail, { check: id });
  }
  return { verdict: review.verdict };
}

import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { ConflictError, NotFoundError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { liftSuppressionInput } from "./alert-work-schema.ts";
import { agentOfAlert, findAlert } from "./store.ts";
import { endSuppression, suppressionById } from "./suppression-store.ts";
import { appendTransition } from "./transition-store.ts";

/**
 * Ends a suppression before its time: the next of its like opens an alert again.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `suppression_unknown`.
 * @throws ConflictError `suppression_over`, naming who lifted it or when it ended.
 */
export async function liftSuppression(
  ctx: VerbContext,
  input: z.input<typeof liftSuppressionInput>,
): Promise<{ count: number }> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, reason } = liftSuppressionInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const found = await suppressionById(tx, id);
    if (!found) throw new NotFoundError("suppression_unknown", "There is no such suppression.");
    if (!(await endSuppression(tx, { id, by: actorRecord(actor).name, reason, now }))) {
      const is = (await suppressionById(tx, id)) ?? found;
      const how = is.liftedAt
        ? `${is.liftedBy} lifted it at ${is.liftedAt.toISOString()}`
        : `it ended at ${is.until.toISOString()}`;
      throw new ConflictError("suppression_over", `This suppression is over: ${how}.`, { by: is.liftedBy });
    }
    const { id: alertId, number, status } = await findAlert(tx, { number: found.alertNumber });
    const detail = { reason, count: found.count };
    await appendTransition(tx, {
      ...{ alertId, kind: "suppression-lifted", before: status, after: status, detail, actor, now },
    });
    await appendRecord(tx, {
      kind: "alert.suppression-lifted",
      actor,
      now,
      ...(await agentOfAlert(tx, found.agent.id)),
      details: { alertId, number, rule: found.rule, cause: found.cause, ...detail },
      subjects: [`alert:${alertId}`],
    });
    await notify(tx, "alert", alertId);
    return { count: found.count };
  });
}

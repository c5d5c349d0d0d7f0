import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ALERT_STEPS } from "./alert-steps.ts";
import { suppressAlertInput } from "./alert-work-schema.ts";
import type { AlertView } from "./schema.ts";

/**
 * Closes an alert and counts its like, of the same agent and rule, on a tally instead of raising it, until an instant
 * within thirty days. What is critical or tells of a containment is raised all the same.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `never_suppressed`, `suppression_end_invalid`.
 * @throws ConflictError `alert_changed`, `suppressed_already`. @throws NotFoundError `alert_unknown`.
 */
export async function suppressAlert(
  ctx: VerbContext,
  input: z.input<typeof suppressAlertInput>,
): Promise<AlertView> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, version, ...params } = suppressAlertInput.parse(input);
  const on = { id, version, actor: ctx.actor, now: ctx.now };
  return ctx.db.transaction((tx) => ALERT_STEPS.suppress(tx, on, params));
}

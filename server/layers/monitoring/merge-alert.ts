import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ALERT_STEPS } from "./alert-steps.ts";
import { mergeAlertInput } from "./alert-work-schema.ts";
import type { AlertView } from "./schema.ts";

/**
 * Makes an alert part of another that is not closed, of the same agent or not. What is raised of its like meanwhile
 * counts on the other.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `merged_into_itself`, `merged_in_a_circle`.
 * @throws ConflictError `alert_changed`. @throws NotFoundError `alert_unknown`.
 */
export async function mergeAlert(
  ctx: VerbContext,
  input: z.input<typeof mergeAlertInput>,
): Promise<AlertView> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, version, ...params } = mergeAlertInput.parse(input);
  const on = { id, version, actor: ctx.actor, now: ctx.now };
  return ctx.db.transaction((tx) => ALERT_STEPS.merge(tx, on, params));
}

import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ALERT_STEPS } from "./alert-steps.ts";
import { assignAlertInput } from "./alert-work-schema.ts";
import type { AlertView } from "./schema.ts";

/**
 * Gives an alert that is not closed to a person who triages, or (`ownerId` null) to nobody.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `owner_invalid`.
 * @throws ConflictError `alert_changed`. @throws NotFoundError `alert_unknown`.
 */
export async function assignAlert(
  ctx: VerbContext,
  input: z.input<typeof assignAlertInput>,
): Promise<AlertView> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, version, ...params } = assignAlertInput.parse(input);
  const on = { id, version, actor: ctx.actor, now: ctx.now };
  return ctx.db.transaction((tx) => ALERT_STEPS.assign(tx, on, params));
}

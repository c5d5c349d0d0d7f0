import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ALERT_STEPS } from "./alert-steps.ts";
import { reopenAlertInput } from "./alert-work-schema.ts";
import type { AlertView } from "./schema.ts";

/**
 * Opens a closed alert again; its verdict no longer holds. Its owner stays.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `alert_changed`, `merged`, `raised_again`.
 * @throws NotFoundError `alert_unknown`.
 */
export async function reopenAlert(
  ctx: VerbContext,
  input: z.input<typeof reopenAlertInput>,
): Promise<AlertView> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, version, ...params } = reopenAlertInput.parse(input);
  const on = { id, version, actor: ctx.actor, now: ctx.now };
  return ctx.db.transaction((tx) => ALERT_STEPS.reopen(tx, on, params));
}

import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ALERT_STEPS } from "./alert-steps.ts";
import { closeAlertInput } from "./alert-work-schema.ts";
import type { AlertView } from "./schema.ts";

/**
 * Closes an alert with an analyst's verdict. The verdict teaches: the agent's minutes under a true positive are kept
 * out of its next baseline, those under a false positive or a benign cause are let back in, and several of those
 * together lower what such a cause counts for (`engine/allowance.ts`). A false positive may have an end, after which it
 * no longer counts as how the rule was judged before.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `verdict_end_invalid`.
 * @throws ConflictError `alert_changed`. @throws NotFoundError `alert_unknown`.
 */
export async function closeAlert(
  ctx: VerbContext,
  input: z.input<typeof closeAlertInput>,
): Promise<AlertView> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, version, ...params } = closeAlertInput.parse(input);
  const on = { id, version, actor: ctx.actor, now: ctx.now };
  return ctx.db.transaction((tx) => ALERT_STEPS.close(tx, on, params));
}

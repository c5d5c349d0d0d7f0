import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ALERT_STEPS } from "./alert-steps.ts";
import { unmergeAlertInput } from "./alert-work-schema.ts";
import type { AlertView } from "./schema.ts";

/**
 * Takes an alert apart from the one that it was merged into: it is again in the state it was in.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `alert_changed`, `not_merged`, `raised_again`.
 * @throws NotFoundError `alert_unknown`.
 */
export async function unmergeAlert(
  ctx: VerbContext,
  input: z.input<typeof unmergeAlertInput>,
): Promise<AlertView> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, version, ...params } = unmergeAlertInput.parse(input);
  const on = { id, version, actor: ctx.actor, now: ctx.now };
  return ctx.db.transaction((tx) => ALERT_STEPS.unmerge(tx, on, params));
}

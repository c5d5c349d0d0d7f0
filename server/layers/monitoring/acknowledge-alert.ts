import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ALERT_STEPS } from "./alert-steps.ts";
import { acknowledgeAlertInput } from "./alert-work-schema.ts";
import type { AlertView } from "./schema.ts";

/**
 * Says that a person has seen an open alert; it becomes theirs. Of two people who do it at once one is told
 * that the other was first.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `alert_changed`. @throws NotFoundError `alert_unknown`.
 */
export async function acknowledgeAlert(
  ctx: VerbContext,
  input: z.input<typeof acknowledgeAlertInput>,
): Promise<AlertView> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, version } = acknowledgeAlertInput.parse(input);
  const on = { id, version, actor: ctx.actor, now: ctx.now };
  return ctx.db.transaction((tx) => ALERT_STEPS.acknowledge(tx, on, {}));
}

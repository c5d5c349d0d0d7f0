import type { z } from "zod";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { escalateAlertInput } from "../layers/monitoring/alert-work-schema.ts";
import type { AlertView } from "../layers/monitoring/schema.ts";
import { escalateTo } from "./act-on-alerts/escalate-to.ts";

/**
 * Ties an alert to an open incident, or declares one from it; an alert that nobody had seen is thereby acknowledged. No
 * clock starts: only a determination does that.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `alert_unknown`, `incident_unknown`.
 * @throws ConflictError `alert_changed`, `incident_closed`, `escalated_already`.
 */
export async function escalateAlert(
  ctx: VerbContext,
  input: z.input<typeof escalateAlertInput>,
): Promise<AlertView> {
  requirePermission(ctx.actor, "alerts.triage");
  requirePermission(ctx.actor, "incidents.work");
  const { id, version, ...params } = escalateAlertInput.parse(input);
  const on = { id, version, actor: ctx.actor, now: ctx.now };
  return ctx.db.transaction(async (tx) => (await escalateTo(tx, on, params, null)).alert);
}

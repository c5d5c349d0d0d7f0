import type { z } from "zod";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { openIncident } from "../incidents/open-incident.ts";
import { incidentName, openIncidentInput } from "../incidents/schema.ts";
import { alertById } from "../incidents/store.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";
import { InvalidInputError } from "../kernel/errors.ts";

/**
 * Declares an incident by hand, from an alert or without one. No clock starts.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`, `alert_unknown`.
 * @throws InvalidInputError `in_the_future`, `out_of_order`, `alert_of_other`.
 */
export async function declareIncident(
  ctx: VerbContext,
  input: z.input<typeof openIncidentInput>,
): Promise<{ incidentId: string; number: number }> {
  requirePermission(ctx.actor, "incidents.work");
  const { title, severity, agentId, alertId, drill, ...stated } = openIncidentInput.parse(input);
  const { actor, now } = ctx;
  const detectedAt = stated.detectedAt ? new Date(stated.detectedAt) : now;
  const occurredAt = stated.occurredAt ? new Date(stated.occurredAt) : null;
  if (detectedAt > now) throw new InvalidInputError("in_the_future", "A fact cannot lie in the future.");
  if (occurredAt && occurredAt > detectedAt)
    throw new InvalidInputError("out_of_order", "It cannot have been detected before it occurred.");
  return ctx.db.transaction(async (tx) => {
    const alert = alertId ? await alertById(tx, alertId) : null;
    if (alert?.agentId && agentId && alert.agentId !== agentId)
      throw new InvalidInputError("alert_of_other", "This alert is about another agent.");
    const opened = await openIncident(tx, {
      title,
      severity,
      agentId: agentId ?? alert?.agentId ?? null,
      alertId: alertId ?? null,
      drill,
      leadId: actor.type === "operator" ? actor.id : null,
      facts: [
        ...(occurredAt
          ? [{ kind: "occurred" as const, at: occurredAt, summary: "As stated when it was declared." }]
          : []),
        {
          kind: "detected",
          at: detectedAt,
          summary: alert ? `Alert ${alert.number}: ${alert.title}` : "Declared by hand.",
        },
      ],
      actor,
      now,
    });
    const body = { incident: incidentName(opened.number), title, severity, drill };
    await enqueueDelivery(tx, { topic: "incident.opened", body, now });
    return opened;
  });
}

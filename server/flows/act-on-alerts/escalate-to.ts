import type { z } from "zod";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { openIncident } from "../../incidents/open-incident.ts";
import { incidentName } from "../../incidents/schema.ts";
import { incidentById, incidentByNumber } from "../../incidents/store.ts";
import { enqueueDelivery } from "../../integrations/outbox/enqueue-delivery.ts";
import { ConflictError } from "../../kernel/errors.ts";
import type { ActingOn } from "../../layers/monitoring/alert-steps.ts";
import type { ACT_PARAMS } from "../../layers/monitoring/alert-work-schema.ts";
import { alertChanged, changeAlert } from "../../layers/monitoring/change-alert.ts";
import { lockAlerts } from "../../layers/monitoring/merge-store.ts";
import type { AlertView } from "../../layers/monitoring/schema.ts";
import { findAlert } from "../../layers/monitoring/store.ts";

type Escalation = z.output<(typeof ACT_PARAMS)["escalate"]>;

/**
 * Ties one alert to an incident in the caller's transaction: the one named, the one that this act has opened already
 * (`openedId`), or a new one. An alert that was changed meanwhile is found out before an incident is opened for it.
 */
export async function escalateTo(
  tx: Tx,
  on: ActingOn,
  params: Escalation,
  openedId: string | null,
): Promise<{ alert: AlertView; incidentId: string }> {
  await lockAlerts(tx, [on.id]);
  const before = await findAlert(tx, { id: on.id });
  if (before.version !== on.version || before.status === "closed") throw await alertChanged(tx, before);
  if (before.incident)
    throw new ConflictError(
      "escalated_already",
      `Alert ${before.number} belongs to ${incidentName(before.incident.number)} already.`,
      { number: before.number },
    );
  const { incidentId, number } = await incidentFor(tx, on, params, openedId, before);
  const ownerId = before.owner?.id ?? (on.actor.type === "operator" ? on.actor.id : null);
  const alert = await changeAlert(tx, {
    ...on,
    from: ["open", "acknowledged"],
    kind: "escalated",
    set: {
      ...{ incidentId, ownerId, status: "acknowledged" },
      ...(before.status === "open" && { acknowledgedAt: on.now }),
    },
    details: { incident: incidentName(number), incidentId, reason: params.reason },
  });
  await notify(tx, "incident", incidentId);
  return { alert, incidentId };
}

async function incidentFor(
  tx: Tx,
  { actor, now }: ActingOn,
  params: Escalation,
  openedId: string | null,
  alert: AlertView,
): Promise<{ incidentId: string; number: number }> {
  if (openedId === null && params.incidentNumber === undefined) {
    const { title = alert.title.slice(0, 200), severity = alert.severity } = params;
    const opened = await openIncident(tx, {
      ...{ title, severity, agentId: alert.agent?.id ?? null, alertId: null, drill: false },
      leadId: actor.type === "operator" ? actor.id : null,
      facts: [{ kind: "detected", at: alert.openedAt, summary: `Alert ${alert.number}: ${alert.title}` }],
      actor,
      now,
    });
    const body = { incident: incidentName(opened.number), title, severity, drill: false };
    await enqueueDelivery(tx, { topic: "incident.opened", body, now });
    return opened;
  }
  const incident = openedId
    ? await incidentById(tx, openedId)
    : await incidentByNumber(tx, params.incidentNumber ?? 0);
  if (incident.status === "closed")
    throw new ConflictError(
      "incident_closed",
      `${incidentName(incident.number)} is closed. Choose an open one.`,
      {
        incident: incident.number,
      },
    );
  return { incidentId: incident.id, number: incident.number };
}

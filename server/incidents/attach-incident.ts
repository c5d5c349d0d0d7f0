import type { Tx } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";
import { present } from "../kernel/ensure.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { openIncident } from "./open-incident.ts";
import { agentNamed, alertById, type ContainmentRow, linkAlert, openIncidentOf } from "./store.ts";

/**
 * Gives a containment its incident: the agent's open one, or a new one with what is known of when it
 * occurred and was detected. Part of a containment's step, which makes it happen once.
 */
export async function attachIncident(
  tx: Tx,
  attaching: { containment: ContainmentRow; actor: Actor; now: Date },
): Promise<{ incidentId: string; number: number; isNew: boolean }> {
  const { containment, actor, now } = attaching;
  const { agentId, alertId, reason, requestedAt } = containment;
  const agent = present(await agentNamed(tx, agentId), "the contained agent");
  const contained = {
    kind: "contained" as const,
    at: requestedAt,
    summary: `${agent.name} was contained: ${reason}`,
  };
  const open = await openIncidentOf(tx, agentId);
  if (open) {
    await appendFact(tx, {
      incidentId: open.id,
      ...contained,
      detail: { containmentId: containment.id },
      actor,
      now,
    });
    if (alertId) await linkAlert(tx, alertId, open.id);
    await appendRecord(tx, {
      kind: "incident.fact-stated",
      actor,
      now,
      agent,
      details: {
        incidentId: open.id,
        number: open.number,
        fact: "contained",
        at: requestedAt,
        containmentId: containment.id,
      },
      subjects: [open.id],
    });
    return { incidentId: open.id, number: open.number, isNew: false };
  }
  const alert = alertId ? await alertById(tx, alertId) : null;
  const noticedAt = alert && alert.openedAt < requestedAt ? alert.openedAt : requestedAt;
  const opened = await openIncident(tx, {
    title: `${agent.name} contained: ${reason}`.slice(0, 200),
    severity: "high",
    agentId,
    alertId,
    drill: false,
    leadId: actor.type === "operator" ? actor.id : null,
    facts: [
      {
        kind: "occurred",
        at: noticedAt,
        summary: "Not established yet: taken to be when it was noticed. Correct it once it is known.",
      },
      {
        kind: "detected",
        at: noticedAt,
        summary: alert
          ? `Noticed by Vigil: ${alert.title}`
          : `Noticed by whoever contained the agent: ${reason}`,
      },
      contained,
    ],
    actor,
    now,
  });
  return { ...opened, isNew: true };
}

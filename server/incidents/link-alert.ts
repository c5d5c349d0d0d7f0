import { and, eq, isNull, ne, or, type SQL, sql } from "drizzle-orm";
import type { Tx } from "../../db/client.ts";
import { alerts, alertTransitions } from "../../db/schema/index.ts";
import { type Actor, actorRecord } from "../kernel/actor.ts";
import { CONTAINMENT_RULE } from "./store.ts";

type Linking = { incidentId: string; number: number; actor: Actor; now: Date };

/** Ties an alert to the incident it led to, with a transition that says who did; once it is tied nothing happens. */
export function linkAlert(tx: Tx, alertId: string, linking: Linking): Promise<void> {
  return link(tx, eq(alerts.id, alertId), linking);
}

/** Ties the open alert that a containment raised to an incident that was opened after it. */
export function linkContainmentAlert(tx: Tx, agentId: string, linking: Linking): Promise<void> {
  const raised = and(
    eq(alerts.agentId, agentId),
    eq(alerts.rule, CONTAINMENT_RULE),
    ne(alerts.status, "closed"),
    isNull(alerts.incidentId),
  );
  return link(tx, raised, linking);
}

async function link(tx: Tx, which: SQL | undefined, linking: Linking): Promise<void> {
  const { incidentId, number, actor, now } = linking;
  const elsewhere = or(isNull(alerts.incidentId), ne(alerts.incidentId, incidentId));
  const linked = await tx
    .update(alerts)
    .set({ incidentId, changedAt: now, version: sql`${alerts.version} + 1` })
    .where(and(which, elsewhere))
    .returning({ id: alerts.id, status: alerts.status });
  const { type, id, name } = actorRecord(actor);
  for (const alert of linked)
    await tx.insert(alertTransitions).values({
      ...{ alertId: alert.id, at: now, kind: "escalated", actor: name },
      ...{ actorId: type === "operator" ? id : null, statusBefore: alert.status, statusAfter: alert.status },
      detail: { incident: `INC-${String(number).padStart(4, "0")}`, incidentId },
    });
}

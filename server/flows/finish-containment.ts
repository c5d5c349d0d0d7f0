import { eq } from "drizzle-orm";
import type { Logger } from "pino";
import type { Database, Tx } from "../../db/client.ts";
import { containments } from "../../db/schema/index.ts";
import { attachIncident } from "../incidents/attach-incident.ts";
import { linkAlert, linkContainmentAlert } from "../incidents/link-alert.ts";
import { runStep } from "../incidents/run-step.ts";
import { incidentName } from "../incidents/schema.ts";
import { settleContainment } from "../incidents/settle-containment.ts";
import {
  agentNamed,
  alertById,
  CONTAINMENT_RULE,
  type ContainmentRow,
  containmentById,
  incidentById,
} from "../incidents/store.ts";
import { takeSnapshot } from "../incidents/take-snapshot.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";
import type { Actor } from "../kernel/actor.ts";
import { present } from "../kernel/ensure.ts";
import { startStopwatch } from "../kernel/stopwatch.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";

type Finishing = { containmentId: string; actor: Actor; now: Date; log?: Logger };

/**
 * Takes the steps of a containment that are not done yet: evidence, incident, alert. Each commits by itself,
 * at most once, however many callers there are; one that fails keeps none of the others from being taken.
 */
export async function finishContainment(
  db: Database,
  finishing: Finishing,
): Promise<{ incidentId: string | null }> {
  const { containmentId, actor, now, log } = finishing;
  const clock = startStopwatch(now);
  const steps = {
    snapshot: (tx: Tx, containment: ContainmentRow) => snapshot(tx, containment, actor, now),
    incident: (tx: Tx, containment: ContainmentRow) => incident(tx, containment, actor, now),
    alert: (tx: Tx, containment: ContainmentRow) => alert(tx, containment, actor, now),
  };
  for (const [step, work] of Object.entries(steps)) {
    const error = await runStep(db, { containmentId, step: step as keyof typeof steps, clock }, work);
    if (error) log?.error({ err: error, containmentId, step }, "a step of a containment failed");
  }
  await settleContainment(db, containmentId);
  const { incidentId } = await containmentById(db, containmentId);
  return { incidentId };
}

async function snapshot(tx: Tx, containment: ContainmentRow, actor: Actor, now: Date): Promise<string> {
  const { id: containmentId, agentId, incidentId } = containment;
  const taken = await takeSnapshot(tx, { agentId, containmentId, incidentId, actor, now });
  return `Evidence was taken: ${taken.bytes} bytes, ${taken.digest}.`;
}

async function incident(tx: Tx, containment: ContainmentRow, actor: Actor, now: Date): Promise<string> {
  const { number, isNew, incidentId } = await attachIncident(tx, { containment, actor, now });
  await linkContainmentAlert(tx, containment.agentId, { incidentId, number, actor, now });
  await tx.update(containments).set({ incidentId }).where(eq(containments.id, containment.id));
  return isNew
    ? `${incidentName(number)} was opened.`
    : `It belongs to ${incidentName(number)}, which was open.`;
}

/** The alert waits for the incident that it points to. */
async function alert(tx: Tx, containment: ContainmentRow, actor: Actor, now: Date): Promise<string> {
  const { id: containmentId, agentId, reason, incidentId } = containment;
  const agent = present(await agentNamed(tx, agentId), "the contained agent");
  const of = incidentId ? await incidentById(tx, incidentId) : null;
  const name = of ? incidentName(of.number) : null;
  const cause = containment.alertId ? (await alertById(tx, containment.alertId)).cause : "";
  const { alertId } = await raiseAlert(tx, {
    agentId,
    kind: "isolation",
    rule: CONTAINMENT_RULE,
    ...(cause ? { cause } : {}),
    severity: "critical",
    title: `${agent.name} was contained`,
    detail: { containmentId, incidentId, incident: name, reason },
    actor,
    now,
  });
  if (of) await linkAlert(tx, alertId, { incidentId: of.id, number: of.number, actor, now });
  const { destinations } = await enqueueDelivery(tx, {
    topic: "agent.contained",
    body: { containmentId, agent: agent.did, reason, requestedAt: containment.requestedAt, incident: name },
    now,
  });
  return `The operators were alerted, and ${destinations} outside ${destinations === 1 ? "system" : "systems"} will be told.`;
}

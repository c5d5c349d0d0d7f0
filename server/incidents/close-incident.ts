import type { z } from "zod";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { ConflictError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { closeIncidentInput } from "./schema.ts";
import { agentNamed, clocksOf, latestDetermination, openContainmentOf } from "./store.ts";
import { touchIncident } from "./touch-incident.ts";

/**
 * Closes an incident that has been decided upon: determined, no clock running, its agent released.
 *
 * @throws ForbiddenError `not_permitted`.
 * @throws ConflictError `not_determined`, `clock_running`, `agent_contained`, `incident_changed`, `incident_closed`.
 */
export async function closeIncident(
  ctx: VerbContext,
  input: z.input<typeof closeIncidentInput>,
): Promise<{ version: number }> {
  requirePermission(ctx.actor, "incidents.work");
  const { incidentId, expectedVersion, reason } = closeIncidentInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const incident = await touchIncident(tx, incidentId, expectedVersion, {
      status: "closed",
      closedAt: now,
    });
    if (!(await latestDetermination(tx, incidentId)))
      throw new ConflictError(
        "not_determined",
        "Nobody has determined yet whether this must be notified. That it need not be is a determination too.",
      );
    if ((await clocksOf(tx, incidentId)).some((clock) => clock.status === "running"))
      throw new ConflictError(
        "clock_running",
        "A notification clock runs. Record the agency's receipt first.",
      );
    const contained = incident.agentId ? await openContainmentOf(tx, incident.agentId) : null;
    if (contained?.incidentId === incidentId)
      throw new ConflictError("agent_contained", "The incident's agent is still contained.");
    await appendFact(tx, { incidentId, kind: "closed", at: now, summary: reason, actor, now });
    await appendRecord(tx, {
      kind: "incident.closed",
      actor,
      now,
      agent: await agentNamed(tx, incident.agentId),
      details: { incidentId, number: incident.number, reason },
      subjects: [incidentId],
    });
    return { version: incident.version };
  });
}

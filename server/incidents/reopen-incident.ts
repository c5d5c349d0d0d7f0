import type { z } from "zod";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { closeIncidentInput } from "./schema.ts";
import { agentNamed } from "./store.ts";
import { touchIncident } from "./touch-incident.ts";

/**
 * Opens a closed incident again, with the reason; what was determined stays until it is determined anew.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `incident_open`, `incident_changed`.
 */
export async function reopenIncident(
  ctx: VerbContext,
  input: z.input<typeof closeIncidentInput>,
): Promise<{ version: number }> {
  requirePermission(ctx.actor, "incidents.work");
  const { incidentId, expectedVersion, reason } = closeIncidentInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const change = { status: "open", closedAt: null };
    const incident = await touchIncident(tx, incidentId, expectedVersion, change, "closed");
    await appendFact(tx, { incidentId, kind: "reopened", at: now, summary: reason, actor, now });
    await appendRecord(tx, {
      kind: "incident.reopened",
      actor,
      now,
      agent: await agentNamed(tx, incident.agentId),
      details: { incidentId, number: incident.number, reason },
      subjects: [incidentId],
    });
    return { version: incident.version };
  });
}

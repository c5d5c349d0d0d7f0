import type { z } from "zod";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { changeIncidentInput } from "./schema.ts";
import { agentNamed, incidentById, requirePerson } from "./store.ts";
import { touchIncident } from "./touch-incident.ts";

/**
 * Changes an incident's severity, title or lead, with the reason, at the version the caller saw.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `incident_changed`, `incident_closed`.
 */
export async function changeIncident(
  ctx: VerbContext,
  input: z.input<typeof changeIncidentInput>,
): Promise<{ version: number }> {
  requirePermission(ctx.actor, "incidents.work");
  const { incidentId, expectedVersion, reason, ...change } = changeIncidentInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    if (change.leadId) await requirePerson(tx, change.leadId);
    const before = await incidentById(tx, incidentId, true);
    const after = await touchIncident(tx, incidentId, expectedVersion, change);
    const detail = {
      from: { severity: before.severity, title: before.title, leadId: before.leadId },
      to: { severity: after.severity, title: after.title, leadId: after.leadId },
    };
    const summary =
      before.severity === after.severity
        ? reason
        : `Severity ${before.severity} → ${after.severity}: ${reason}`;
    await appendFact(tx, { incidentId, kind: "note", at: now, summary, detail, actor, now });
    await appendRecord(tx, {
      kind: "incident.changed",
      actor,
      now,
      agent: await agentNamed(tx, after.agentId),
      details: { incidentId, number: after.number, reason, ...detail },
      subjects: [incidentId],
    });
    return { version: after.version };
  });
}

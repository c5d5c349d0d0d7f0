import type { z } from "zod";
import { notify } from "../../db/listen.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { sha256Label } from "../kernel/hash.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { noteInput } from "./schema.ts";
import { agentNamed, incidentById } from "./store.ts";

/**
 * Adds a note to an incident, open or closed. The record keeps the note's digest; the note is append-only.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `incident_unknown`.
 */
export async function addNote(
  ctx: VerbContext,
  input: z.input<typeof noteInput>,
): Promise<{ factId: string }> {
  requirePermission(ctx.actor, "incidents.work");
  const { incidentId, text } = noteInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const incident = await incidentById(tx, incidentId);
    const factId = await appendFact(tx, { incidentId, kind: "note", at: now, summary: text, actor, now });
    await appendRecord(tx, {
      kind: "incident.noted",
      actor,
      now,
      agent: await agentNamed(tx, incident.agentId),
      details: { incidentId, number: incident.number, factId, textDigest: sha256Label(text) },
      subjects: [incidentId],
    });
    await notify(tx, "incident", incidentId);
    return { factId };
  });
}

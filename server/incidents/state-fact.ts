import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { incidentFacts } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { ConflictError, InvalidInputError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { factInput } from "./schema.ts";
import { agentNamed, incidentById } from "./store.ts";

/**
 * States when something occurred, was detected, contained, assessed or recovered, or corrects an earlier
 * statement of the same kind: the earlier one stays and is marked as superseded.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `in_the_future`, `supersedes_other`.
 * @throws ConflictError `fact_superseded` where somebody corrected it first.
 */
export async function stateFact(
  ctx: VerbContext,
  input: z.input<typeof factInput>,
): Promise<{ factId: string }> {
  requirePermission(ctx.actor, "incidents.work");
  const { incidentId, kind, summary, supersedes, ...stated } = factInput.parse(input);
  const { actor, now } = ctx;
  const at = new Date(stated.at);
  if (at > now) throw new InvalidInputError("in_the_future", "A fact cannot lie in the future.");
  return ctx.db.transaction(async (tx) => {
    const incident = await incidentById(tx, incidentId, true);
    if (supersedes) await requireSuperseded(tx, { incidentId, kind, supersedes });
    const factId = await appendFact(tx, { incidentId, kind, at, summary, supersedes, actor, now });
    await appendRecord(tx, {
      kind: "incident.fact-stated",
      actor,
      now,
      agent: await agentNamed(tx, incident.agentId),
      details: { incidentId, number: incident.number, factId, fact: kind, at, summary, supersedes },
      subjects: [incidentId],
    });
    await notify(tx, "incident", incidentId);
    return { factId };
  });
}

async function requireSuperseded(
  tx: Tx,
  fact: { incidentId: string; kind: string; supersedes: string },
): Promise<void> {
  const [earlier] = await tx
    .select()
    .from(incidentFacts)
    .where(and(eq(incidentFacts.id, fact.supersedes), eq(incidentFacts.incidentId, fact.incidentId)));
  if (!earlier || earlier.kind !== fact.kind)
    throw new InvalidInputError(
      "supersedes_other",
      "Only a fact of this incident and kind can be corrected.",
    );
  const [later] = await tx
    .select({ id: incidentFacts.id })
    .from(incidentFacts)
    .where(and(eq(incidentFacts.incidentId, fact.incidentId), eq(incidentFacts.supersedes, fact.supersedes)));
  if (later) throw new ConflictError("fact_superseded", "Somebody has corrected this fact already.");
}

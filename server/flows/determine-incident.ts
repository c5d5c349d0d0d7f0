import type { z } from "zod";
import type { VerbContext } from "../access/verb-context.ts";
import { type Determination, determineIncident as determine } from "../incidents/determine-incident.ts";
import { type determineInput, incidentName } from "../incidents/schema.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";

/**
 * Records a determination and tells the outside systems, in one transaction.
 *
 * @throws as incidents/determine-incident.
 */
export async function determineIncident(
  ctx: VerbContext,
  input: z.input<typeof determineInput> & { stepUp: string },
): Promise<Omit<Determination, "incident">> {
  const { actor, now } = ctx;
  const { stepUp, ...rest } = input;
  return ctx.db.transaction(async (tx) => {
    const { incident, ...made } = await determine(tx, { actor, now, stepUp, input: rest });
    const body = {
      incident: incidentName(incident.number),
      outcome: rest.outcome,
      drill: incident.drill,
      dueAt: made.clock?.dueAt ?? null,
    };
    await enqueueDelivery(tx, { topic: "incident.determined", body, now });
    return made;
  });
}

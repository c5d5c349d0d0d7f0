import type { z } from "zod";
import type { VerbContext } from "../access/verb-context.ts";
import { recordReceipt as record } from "../incidents/record-receipt.ts";
import { incidentName, type receiptInput } from "../incidents/schema.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";

/**
 * Records the agency's receipt, which stops the clock, and tells the outside systems, in one transaction.
 *
 * @throws as incidents/record-receipt.
 */
export async function recordReceipt(
  ctx: VerbContext,
  input: z.input<typeof receiptInput>,
): Promise<{ late: boolean }> {
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const { late, clock, number, drill } = await record(tx, { actor, now, input });
    const { regime, recipient, dueAt, receivedAt } = clock;
    const body = { incident: incidentName(number), regime, recipient, dueAt, receivedAt, late, drill };
    await enqueueDelivery(tx, { topic: "clock.received", body, now });
    return { late };
  });
}

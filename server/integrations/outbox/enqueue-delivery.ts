import { eq, sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { destinations, outbox } from "../../../db/schema/index.ts";
import type { Json } from "../../kernel/canonical.ts";
import { uuidv7 } from "../../kernel/ids.ts";

/** What a receiver gets: `id` is the same in every attempt, so that it can tell a repetition. */
export type DeliveryBody = { id: string; topic: string; createdAt: string; data: Json };

const OUTBOX_LOCK = 0x6f757462;

/**
 * Puts a message for every enabled destination into the outbox, in the transaction of what it tells of: both
 * happen, or neither. Transactions that enqueue commit one after the other from here on, so that the order
 * of the rows is the order of what happened; call it last.
 *
 * @returns the message's id and how many destinations will get it.
 */
export async function enqueueDelivery(
  tx: Tx,
  message: { topic: string; body: Record<string, unknown>; now: Date },
): Promise<{ id: string; destinations: number }> {
  const { topic, now } = message;
  const id = uuidv7(now.getTime());
  await tx.execute(sql`select pg_advisory_xact_lock(${OUTBOX_LOCK})`);
  const enabled = await tx
    .select({ id: destinations.id })
    .from(destinations)
    .where(eq(destinations.enabled, true));
  if (enabled.length === 0) return { id, destinations: 0 };
  const data = JSON.parse(JSON.stringify(message.body)) as Json;
  const body: DeliveryBody = { id, topic, createdAt: now.toISOString(), data };
  await tx
    .insert(outbox)
    .values(enabled.map((to) => ({ destinationId: to.id, topic, body, createdAt: now, nextAttemptAt: now })));
  await notify(tx, "outbox");
  return { id, destinations: enabled.length };
}

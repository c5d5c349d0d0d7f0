import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { outbox } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { appendRecord } from "../../layers/audit/append.ts";
import { type AttemptResult, planAttempt } from "./plan-attempt.ts";
import type { OutboxRow } from "./store.ts";

/**
 * Writes down how an attempt ended. A message that is given up becomes a dead letter, with an audit record.
 *
 * @returns whether the destination's next message may be sent now.
 */
export async function settleAttempt(
  tx: Tx,
  attempt: { message: OutboxRow; result: AttemptResult; actor: Actor; now: Date; clock: () => Date },
): Promise<{ goOn: boolean; dead: boolean }> {
  const { message, result, actor, now, clock } = attempt;
  const attempts = message.attempts + 1;
  const plan = planAttempt(result, attempts);
  const at = clock();
  await tx
    .update(outbox)
    .set({
      attempts,
      lastError: plan.state === "delivered" ? null : plan.error,
      ...(plan.state === "delivered" ? { deliveredAt: at } : {}),
      ...(plan.state === "dead" ? { deadAt: at } : {}),
      ...(plan.state === "wait" ? { nextAttemptAt: new Date(at.getTime() + plan.pauseMs) } : {}),
    })
    .where(and(eq(outbox.id, message.id), isNull(outbox.deliveredAt)));
  if (plan.state === "dead") {
    const { id, destinationId, topic } = message;
    await appendRecord(tx, {
      kind: "delivery.dead",
      actor,
      now,
      outcome: "deny",
      details: { outboxId: id, destinationId, topic, attempts, error: plan.error },
      subjects: [destinationId],
    });
    await notify(tx, "outbox");
  }
  return { goOn: plan.state !== "wait", dead: plan.state === "dead" };
}

import type { Tx } from "../../db/client.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";
import type { Actor } from "../kernel/actor.ts";
import { noteOverdueReview } from "../layers/authorization/note-overdue-review.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";

/**
 * Tells once and for good that a use of break-glass was not reviewed by its stored instant: a record, an alert and a
 * delivery, in the caller's transaction.
 *
 * @returns whether it was new.
 */
export async function chaseReview(tx: Tx, chased: { id: string; actor: Actor; now: Date }): Promise<boolean> {
  const noted = await noteOverdueReview(tx, chased);
  if (!noted) return false;
  const { use, agent } = noted;
  const { actor, now } = chased;
  const said = {
    ...{ breakGlassId: use.id, scope: use.scope, usedBy: use.userId },
    ...{ usedAt: use.usedAt, reviewDueAt: use.reviewDueAt },
  };
  await raiseAlert(tx, {
    agentId: agent.id,
    kind: "authorization",
    rule: `break-glass-review-overdue:${use.id}`,
    severity: "high",
    title: `Nobody has reviewed the break-glass for ${agent.name} in time`,
    detail: said,
    ...{ actor, now },
  });
  const body = { ...said, agent: agent.did };
  await enqueueDelivery(tx, { topic: "break_glass.review_overdue", body, now });
  return true;
}

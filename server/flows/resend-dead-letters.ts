import { and, eq, isNotNull, isNull } from "drizzle-orm";
import { notify } from "../../db/listen.ts";
import { outbox } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { destinationById } from "../integrations/outbox/store.ts";
import { appendRecord } from "../layers/audit/append.ts";

/**
 * Puts a destination's dead letters back into its queue, in their old order and under their old ids: a
 * receiver that has one already knows it.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `destination_unknown`.
 */
export async function resendDeadLetters(
  ctx: VerbContext,
  input: { destinationId: string },
): Promise<{ queued: number }> {
  requirePermission(ctx.actor, "integrations.manage");
  const { destinationId } = input;
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const { name } = await destinationById(tx, destinationId);
    const queued = await tx
      .update(outbox)
      .set({ deadAt: null, attempts: 0, nextAttemptAt: now })
      .where(
        and(eq(outbox.destinationId, destinationId), isNotNull(outbox.deadAt), isNull(outbox.deliveredAt)),
      )
      .returning({ id: outbox.id });
    await appendRecord(tx, {
      kind: "destination.resent",
      actor,
      now,
      details: { destinationId, name, queued: queued.map(({ id }) => id) },
      subjects: [destinationId],
    });
    await notify(tx, "outbox");
    return { queued: queued.length };
  });
}

import { and, eq, ne } from "drizzle-orm";
import { destinations } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { destinationById } from "../integrations/outbox/store.ts";
import { ConflictError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";

/**
 * Switches a destination on or off. While it is off, nothing new is queued for it and what waits keeps waiting.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `destination_unknown`.
 * @throws ConflictError `destination_unchanged`.
 */
export async function switchDestination(
  ctx: VerbContext,
  input: { destinationId: string; enabled: boolean },
): Promise<void> {
  requirePermission(ctx.actor, "integrations.manage");
  const { destinationId, enabled } = input;
  const { actor, now } = ctx;
  await ctx.db.transaction(async (tx) => {
    const { name } = await destinationById(tx, destinationId);
    const changed = await tx
      .update(destinations)
      .set({ enabled })
      .where(and(eq(destinations.id, destinationId), ne(destinations.enabled, enabled)))
      .returning({ id: destinations.id });
    if (changed.length === 0)
      throw new ConflictError("destination_unchanged", `${name} is ${enabled ? "on" : "off"} already.`);
    await appendRecord(tx, {
      kind: "destination.switched",
      actor,
      now,
      details: { destinationId, name, enabled },
      subjects: [destinationId],
    });
  });
}

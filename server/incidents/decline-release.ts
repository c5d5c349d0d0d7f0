import { and, eq, isNotNull, ne } from "drizzle-orm";
import { notify } from "../../db/listen.ts";
import { containments } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { ConflictError, ForbiddenError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { reasonText } from "./schema.ts";
import { agentNamed, containmentById } from "./store.ts";

/**
 * Turns a request for release down: the agent stays contained, and anybody may ask again.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `release_not_requested`.
 */
export async function declineRelease(
  ctx: VerbContext,
  input: { containmentId: string; reason: string },
): Promise<void> {
  requirePermission(ctx.actor, "agents.release");
  const { actor, now } = ctx;
  if (actor.type !== "operator")
    throw new ForbiddenError("person_required", "Only a person decides about a release.");
  const reason = reasonText.parse(input.reason);
  await ctx.db.transaction(async (tx) => {
    const containment = await containmentById(tx, input.containmentId, true);
    const declined = await tx
      .update(containments)
      .set({ releaseRequestedBy: null, releaseReason: null })
      .where(
        and(
          eq(containments.id, containment.id),
          ne(containments.status, "released"),
          isNotNull(containments.releaseRequestedBy),
        ),
      )
      .returning({ id: containments.id });
    if (declined.length === 0)
      throw new ConflictError("release_not_requested", "Nobody asks for this release at the moment.");
    await appendRecord(tx, {
      kind: "agent.release-declined",
      actor,
      now,
      agent: await agentNamed(tx, containment.agentId),
      outcome: "deny",
      details: { containmentId: containment.id, requestedBy: containment.releaseRequestedBy, reason },
      subjects: [containment.id],
    });
    await notify(tx, "containment", containment.id);
  });
}

import { and, eq, isNull, ne } from "drizzle-orm";
import { notify } from "../../db/listen.ts";
import { containments } from "../../db/schema/index.ts";
import { PERMISSIONS, requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { actorRecord } from "../kernel/actor.ts";
import { ConflictError, ForbiddenError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { reasonText } from "./schema.ts";
import { agentNamed, containmentById, emailsOf } from "./store.ts";

/**
 * Asks that a contained agent be released, with the reason. Somebody else must confirm it.
 *
 * @throws ForbiddenError `not_permitted`, `person_required`.
 * @throws ConflictError `release_requested`, naming who asked first, or `already_released`.
 */
export async function requestRelease(
  ctx: VerbContext,
  input: { containmentId: string; reason: string },
): Promise<void> {
  requirePermission(ctx.actor, "agents.contain");
  const { actor, now } = ctx;
  if (actor.type !== "operator")
    throw new ForbiddenError("person_required", "Only a person asks for a release.");

  const reason = reasonText.parse(input.reason);
  const requester = actorRecord(actor).id;
  await ctx.db.transaction(async (tx) => {
    const [containment] = await tx
      .update(containments)
      .set({ releaseRequestedBy: requester, releaseReason: reason })
      .where(
        and(
          eq(containments.id, input.containmentId),
          ne(containments.status, "released"),
          isNull(containments.releaseRequestedBy),
        ),
      )
      .returning();
    if (!containment) {
      const { status, releaseRequestedBy: by } = await containmentById(tx, input.containmentId);
      if (status === "released")
        throw new ConflictError("already_released", "The agent was released already.");
      const name = by && ((await emailsOf(tx, [by])).get(by) ?? by);
      throw new ConflictError("release_requested", `${name} has asked for this release already.`, {
        by: name,
      });
    }
    await appendRecord(tx, {
      kind: "agent.release-requested",
      actor,
      now,
      agent: await agentNamed(tx, containment.agentId),
      details: { containmentId: containment.id, reason, confirmableBy: [...PERMISSIONS["agents.release"]] },
      subjects: [containment.id],
    });
    await notify(tx, "containment", containment.id);
  });
}

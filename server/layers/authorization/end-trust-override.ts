import { and, eq, gt, isNull } from "drizzle-orm";
import { notify } from "../../../db/listen.ts";
import { trustOverrides } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { leavePending, lockOverride, overrideById } from "./override-store.ts";
import { lockAgent } from "./store.ts";
import { type EndOverrideInput, endOverrideInput } from "./trust-schema.ts";

/**
 * Ends an override of trust at once: one that counts stops counting, a request is withdrawn. It needs no second
 * person, because nothing is given by it that the agent would not have by itself.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `override_unknown`.
 * @throws ConflictError `override_over` where it has ended, or was denied.
 */
export async function endTrustOverride(ctx: VerbContext, input: EndOverrideInput): Promise<void> {
  requirePermission(ctx.actor, "trust.end");
  const { id, reason } = endOverrideInput.parse(input);
  const { actor, now } = ctx;
  const by = actorRecord(actor).id;
  await ctx.db.transaction(async (tx) => {
    const { agentId } = await overrideById(tx, id);
    const agent = await lockAgent(tx, agentId, "update");
    const row = await lockOverride(tx, id);
    const withdrawn =
      row.openUntil > now &&
      (await leavePending(tx, id, { status: "withdrawn", endedBy: by, decisionReason: reason }));
    const ended =
      !withdrawn &&
      (
        await tx
          .update(trustOverrides)
          .set({ endsAt: now, endedBy: by })
          .where(
            and(
              eq(trustOverrides.id, id),
              eq(trustOverrides.status, "approved"),
              gt(trustOverrides.endsAt, now),
              isNull(trustOverrides.endedBy),
            ),
          )
          .returning({ id: trustOverrides.id })
      ).length === 1;
    if (!withdrawn && !ended)
      throw new ConflictError("override_over", "This override has ended already, or never counted.", {
        override: id,
      });
    await appendRecord(tx, {
      kind: withdrawn ? "trust.override_withdrawn" : "trust.override_ended",
      actor,
      now,
      agent: { id: agent.id, did: agent.did },
      details: { override: id, score: row.score, reason },
    });
    await notify(tx, "trust", agentId);
  });
}

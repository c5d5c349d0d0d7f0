import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { withdrawInput } from "./learning-schema.ts";
import { endEarly, leavePlanned, maintenanceById } from "./maintenance-store.ts";

/**
 * Ends maintenance at once, or withdraws a plan. It needs no second person: its agents are judged more strictly by it.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `maintenance_unknown`.
 * @throws ConflictError `maintenance_over`.
 */
export async function endMaintenance(ctx: VerbContext, input: { id: string; reason: string }): Promise<void> {
  requirePermission(ctx.actor, "maintenance.end");
  const { id, reason } = withdrawInput.parse(input);
  const { db, actor, now } = ctx;
  await db.transaction(async (tx) => {
    const { endsAt } = await maintenanceById(tx, id, true);
    const said = { status: "withdrawn", decisionReason: reason, decidedAt: now };
    const withdrawn = endsAt > now && (await leavePlanned(tx, id, said));
    if (!withdrawn && !(await endEarly(tx, id, actorRecord(actor).id, now)))
      throw new ConflictError("maintenance_over", "This maintenance is over already, or never counted.", {
        id,
      });
    await appendRecord(tx, {
      kind: withdrawn ? "maintenance.withdrawn" : "maintenance.cancelled",
      ...{ actor, now, details: { maintenance: id, reason }, subjects: [`maintenance:${id}`] },
    });
    await notify(tx, "maintenance", id);
  });
}

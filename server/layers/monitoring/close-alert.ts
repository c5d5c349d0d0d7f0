import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { changeAlert } from "./change-alert.ts";
import { recordLessons } from "./record-lessons.ts";
import { type AlertView, closeAlertInput } from "./schema.ts";
import { judgeWindows } from "./window-store.ts";

/** The minute before an alert opened is part of what it was about. */
const LEAD_MS = 60_000;

/**
 * Closes an alert with an analyst's verdict. The verdict teaches: the agent's minutes under a true positive are kept
 * out of its next baseline, those under a false positive or a benign cause are let back in, and several of those
 * together lower what such a cause counts for (`engine/allowance.ts`).
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `alert_changed`. @throws NotFoundError `alert_unknown`.
 */
export async function closeAlert(
  ctx: VerbContext,
  input: z.input<typeof closeAlertInput>,
): Promise<AlertView> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, version, disposition, reason } = closeAlertInput.parse(input);
  return ctx.db.transaction(async (tx) => {
    const alert = await changeAlert(tx, {
      id,
      version,
      from: ["open", "acknowledged"],
      kind: "alert.closed",
      set: { status: "closed", closedAt: ctx.now, disposition, closeReason: reason },
      details: { disposition, reason },
      actor: ctx.actor,
      now: ctx.now,
    });
    if (alert.agent && alert.kind === "behaviour")
      await judgeWindows(tx, {
        agentId: alert.agent.id,
        from: new Date(alert.openedAt.getTime() - LEAD_MS),
        to: new Date(alert.lastSeenAt.getTime() + LEAD_MS),
        excluded: disposition === "true-positive",
      });
    await recordLessons(tx, { alert, disposition, actor: ctx.actor, now: ctx.now });
    return alert;
  });
}

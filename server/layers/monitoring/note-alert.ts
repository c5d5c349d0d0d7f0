import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { appendRecord } from "../audit/append.ts";
import { noteAlertInput } from "./alert-work-schema.ts";
import { findAlert } from "./store.ts";
import { appendTransition } from "./transition-store.ts";

/**
 * Writes a note on an alert, closed or not. A note changes nothing, so nobody's view grows stale by it.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `alert_unknown`.
 */
export async function noteAlert(
  ctx: VerbContext,
  input: z.input<typeof noteAlertInput>,
): Promise<{ ok: true }> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, text } = noteAlertInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const { status, number, rule, agent } = await findAlert(tx, { id });
    await appendTransition(tx, {
      ...{ alertId: id, kind: "noted", before: status, after: status, detail: { text }, actor, now },
    });
    await appendRecord(tx, {
      kind: "alert.noted",
      actor,
      now,
      ...(agent && { agent }),
      details: { alertId: id, number, rule, text },
      subjects: [`alert:${id}`],
    });
    await notify(tx, "alert", id);
    return { ok: true };
  });
}

import type { z } from "zod";
import { permits, requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { changeAlert } from "./change-alert.ts";
import { type AlertView, assignAlertInput } from "./schema.ts";
import { findPerson } from "./store.ts";

/**
 * Gives an alert that is not closed to a person who triages, or (`ownerId` null) to nobody.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `owner_invalid`.
 * @throws ConflictError `alert_changed`. @throws NotFoundError `alert_unknown`.
 */
export async function assignAlert(
  ctx: VerbContext,
  input: z.input<typeof assignAlertInput>,
): Promise<AlertView> {
  requirePermission(ctx.actor, "alerts.triage");
  const { id, version, ownerId } = assignAlertInput.parse(input);
  return ctx.db.transaction(async (tx) => {
    const owner = ownerId === null ? null : await findPerson(tx, ownerId);
    if (ownerId !== null && !(owner && permits(owner.roles, "alerts.triage")))
      throw new InvalidInputError("owner_invalid", "This person does not triage alerts. Choose an analyst.");
    return changeAlert(tx, {
      id,
      version,
      from: ["open", "acknowledged"],
      kind: "alert.assigned",
      set: { ownerId },
      details: { to: owner?.email ?? null },
      actor: ctx.actor,
      now: ctx.now,
    });
  });
}

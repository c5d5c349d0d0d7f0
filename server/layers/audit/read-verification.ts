import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import type { VerificationView } from "./schema.ts";
import { findRun, viewOfRun } from "./verification-runs.ts";

/**
 * One verification with its progress and all findings; the newest where no id is given.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `verification_unknown`.
 */
export async function readVerification(ctx: VerbContext, input: { id?: string }): Promise<VerificationView> {
  requirePermission(ctx.actor, "audit.read");
  const run = await findRun(ctx.db, input.id);
  if (!run)
    throw new NotFoundError(
      "verification_unknown",
      input.id ? "There is no such verification." : "The log was never verified yet. Start a verification.",
    );
  return viewOfRun(run);
}

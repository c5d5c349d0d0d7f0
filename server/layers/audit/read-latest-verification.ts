import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { VerificationView } from "./schema.ts";
import { findRun, viewOfRun } from "./verification-runs.ts";

/** The newest verification; null where the log was never verified. @throws ForbiddenError `not_permitted`. */
export async function readLatestVerification(ctx: VerbContext): Promise<VerificationView | null> {
  requirePermission(ctx.actor, "audit.read");
  const run = await findRun(ctx.db);
  return run ? viewOfRun(run) : null;
}

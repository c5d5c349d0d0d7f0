import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { SuppressionView } from "./alert-work-schema.ts";
import { liveSuppressions } from "./suppression-store.ts";

/** What is counted instead of raised now, with its tally. @throws ForbiddenError `not_permitted`. */
export async function listSuppressions(ctx: VerbContext): Promise<SuppressionView[]> {
  requirePermission(ctx.actor, "alerts.read");
  return liveSuppressions(ctx.db, ctx.now);
}

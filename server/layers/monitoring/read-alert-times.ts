import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { alertTimes } from "./alert-work-schema.ts";
import { timesSince } from "./detail-store.ts";

const DAY_MS = 86_400_000;

/**
 * How long alerts opened in the last so many days waited to be taken up and to be closed, computed from every
 * transition that was stored. @throws ForbiddenError `not_permitted`.
 */
export async function readAlertTimes(
  ctx: VerbContext,
  { days }: { days: number },
): Promise<z.infer<typeof alertTimes>> {
  requirePermission(ctx.actor, "alerts.read");
  return { days, ...(await timesSince(ctx.db, new Date(ctx.now.getTime() - days * DAY_MS))) };
}

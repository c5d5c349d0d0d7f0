import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { AlertDetail } from "./schema.ts";
import { alertRows, findAlert } from "./store.ts";

const EARLIER_MAX = 10;

/**
 * One alert, by number or id, with the closed ones of the same agent and rule: how they were judged before.
 *
 * @throws NotFoundError `alert_unknown`.
 */
export async function readAlert(
  ctx: VerbContext,
  by: { id: string } | { number: number },
): Promise<AlertDetail> {
  requirePermission(ctx.actor, "alerts.read");
  const alert = await findAlert(ctx.db, by);
  const earlier = alert.agent
    ? await alertRows(
        ctx.db,
        { agent: alert.agent.name, rule: alert.rule, status: ["closed"] },
        { openedAt: alert.openedAt, id: alert.id },
        EARLIER_MAX,
      )
    : [];
  return { ...alert, earlier };
}

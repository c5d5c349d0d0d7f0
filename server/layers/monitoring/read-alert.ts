import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { AlertDetail } from "./alert-work-schema.ts";
import { agentStateOf, groupOf, mergedInto, occurrencesOf, recordOfRule, similarTo } from "./detail-store.ts";
import type { AlertView } from "./schema.ts";
import { alertRows, findAlert } from "./store.ts";
import { suppressionOf } from "./suppression-store.ts";
import { transitionsOf } from "./transition-store.ts";

const EARLIER_MAX = 10;

/**
 * One alert, by number or id, with the closed ones of the same agent and rule and how they were judged, what belongs to
 * it, everything that was done to it, and how its rule was judged elsewhere.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `alert_unknown`.
 */
export async function readAlert(
  ctx: VerbContext,
  by: { id: string } | { number: number },
): Promise<AlertDetail> {
  requirePermission(ctx.actor, "alerts.read");
  const { db, now } = ctx;
  const alert = await findAlert(db, by);
  const [earlier, similar, group, merged, transitions, occurrences, suppression, ruleRecord, agentState] =
    await Promise.all([
      earlierThan(ctx, alert),
      similarTo(db, alert),
      groupOf(db, alert),
      mergedInto(db, alert.id),
      transitionsOf(db, alert.id),
      occurrencesOf(db, alert.id),
      suppressionOf(db, alert.id),
      recordOfRule(db, alert.rule, now),
      alert.agent ? agentStateOf(db, alert.agent.id) : null,
    ]);
  return {
    ...alert,
    earlier: earlier.map((one) => ({ ...one, counts: one.verdictUntil === null || one.verdictUntil > now })),
    ...{ similar, group, merged, transitions, occurrences, suppression, ruleRecord, agentState },
  };
}

async function earlierThan({ db }: VerbContext, alert: AlertView): Promise<AlertView[]> {
  if (!alert.agent) return [];
  const filter = { agent: alert.agent.name, rule: alert.rule, status: ["closed" as const] };
  return alertRows(db, filter, { openedAt: alert.openedAt, id: alert.id }, EARLIER_MAX);
}

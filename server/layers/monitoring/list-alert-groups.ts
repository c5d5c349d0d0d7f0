import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { askedBy, readCursor, writeCursor } from "./alert-order.ts";
import type { AlertGroup, AlertGroupPage } from "./alert-work-schema.ts";
import { parseQuery } from "./engine/parse-query.ts";
import { alertsById, groupCounts, groupRows } from "./group-store.ts";
import { ALERT_SEVERITIES, type AlertFilter, alertFilter } from "./schema.ts";

/**
 * A page of the queue: alerts of one agent and cause are one row, the one with the newest alert first.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `cursor_invalid`, `query_invalid`.
 */
export async function listAlertGroups(ctx: VerbContext, input: AlertFilter): Promise<AlertGroupPage> {
  requirePermission(ctx.actor, "alerts.read");
  const filter = alertFilter.parse(input);
  const asking = askedBy(ctx);
  const after = filter.cursor ? readCursor(filter.cursor) : null;
  const [rows, counts] = await Promise.all([
    groupRows(ctx.db, { filter, asking, after, limit: filter.limit + 1 }),
    groupCounts(ctx.db, filter, asking),
  ]);
  const page = rows.slice(0, filter.limit);
  const known = await alertsById(
    ctx.db,
    page.flatMap(({ ids }) => ids),
  );
  const groups = page.flatMap(({ id, ids, members, occurrences, worst }): AlertGroup[] => {
    const lead = known.get(id);
    const alerts = ids.flatMap((one) => known.get(one) ?? []);
    return lead
      ? [{ lead, alerts, members, occurrences, worst: ALERT_SEVERITIES[worst - 1] ?? lead.severity }]
      : [];
  });
  const last = page.at(-1);
  return {
    groups,
    ...counts,
    nextCursor: rows.length > filter.limit && last ? writeCursor(last) : null,
    asOf: ctx.now,
    pills: parseQuery(filter.query ?? "", ctx.now.getTime()).pills ?? [],
  };
}

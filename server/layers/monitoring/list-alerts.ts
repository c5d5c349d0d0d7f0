import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { askedBy, readCursor, writeCursor } from "./alert-order.ts";
import { type AlertFilter, type AlertPage, alertFilter } from "./schema.ts";
import { alertCounts, alertRows } from "./store.ts";

/** A page of alerts, newest first. @throws InvalidInputError `cursor_invalid`, `query_invalid`. */
export async function listAlerts(ctx: VerbContext, input: AlertFilter): Promise<AlertPage> {
  requirePermission(ctx.actor, "alerts.read");
  const filter = alertFilter.parse(input);
  const after = filter.cursor ? readCursor(filter.cursor) : null;
  const asking = askedBy(ctx);
  const [rows, counted] = await Promise.all([
    alertRows(ctx.db, filter, after, filter.limit + 1, asking),
    alertCounts(ctx.db, filter, asking),
  ]);
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  const counts = { status: {} as Record<string, number>, severity: {} as Record<string, number> };
  for (const { status, severity, count } of counted) {
    counts.status[status] = (counts.status[status] ?? 0) + count;
    counts.severity[severity] = (counts.severity[severity] ?? 0) + count;
  }
  return {
    alerts: page,
    nextCursor: rows.length > filter.limit && last ? writeCursor(last) : null,
    total: counted.reduce((sum, { count }) => sum + count, 0),
    counts,
    asOf: ctx.now,
  };
}

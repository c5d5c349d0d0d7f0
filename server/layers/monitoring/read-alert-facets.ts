import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { askedBy } from "./alert-order.ts";
import { type AlertFacets, alertFacetsInput, FACETS } from "./alert-work-schema.ts";
import { histogramStepMs } from "./engine/histogram-step.ts";
import { facetRows, histogramRows, openedBetween } from "./facet-store.ts";

/**
 * What the alerts that pass a filter are made of: the values of each facet with their counts, and when they were opened.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `query_invalid`.
 */
export async function readAlertFacets(
  ctx: VerbContext,
  input: z.input<typeof alertFacetsInput>,
): Promise<AlertFacets> {
  requirePermission(ctx.actor, "alerts.read");
  const filter = alertFacetsInput.parse(input);
  const asking = askedBy(ctx);
  const [values, span] = await Promise.all([
    facetRows(ctx.db, filter, asking),
    openedBetween(ctx.db, filter, asking),
  ]);
  const facets = Object.fromEntries(
    FACETS.map((facet) => [
      facet,
      values.filter((row) => row.facet === facet).map(({ value, count }) => ({ value, count })),
    ]),
  ) as AlertFacets["facets"];
  if (!span) return { facets, histogram: { stepMs: 0, bars: [] } };
  const from = filter.from ?? span.from;
  const stepMs = histogramStepMs((filter.to ?? span.to).getTime() - from.getTime());
  const start = new Date(Math.floor(from.getTime() / stepMs) * stepMs);
  const bars = new Map<number, AlertFacets["histogram"]["bars"][number]>();
  for (const { at, severity, count } of await histogramRows(ctx.db, {
    filter,
    asking,
    from: start,
    stepMs,
  })) {
    const bar = bars.get(at.getTime()) ?? { at, counts: {} };
    bar.counts[severity] = count;
    bars.set(at.getTime(), bar);
  }
  return { facets, histogram: { stepMs, bars: [...bars.values()] } };
}

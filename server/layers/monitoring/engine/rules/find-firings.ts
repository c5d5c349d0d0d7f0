import { countDistinct } from "../distinct.ts";
import { SLICE_MS } from "../slice.ts";
import { type Cell, mergeCell, type StepCells } from "./cells.ts";
import type { SpanRule } from "./compile-rules.ts";
import { credentialUse } from "./credential-use.ts";
import { actionsIn, type Counted, mergedCell, sequenceCount } from "./span-counts.ts";

/** The cells of one step, by the beginning of their slice. */
export type StepSlices = ReadonlyMap<number, StepCells>;

/** A rule that holds, once for each span of time: what it counted, and between which instants. */
export type Firing = {
  rule: string;
  /** The beginning of the span on the clock in which it fired: with agent and rule, what makes it this firing. */
  episodeMs: number;
  firstMs: number;
  lastMs: number;
  /** What was counted: numbers and, for certificates, who was where. */
  counts: Record<string, number | string>;
};

/**
 * When a rule held, at slices between two instants, both included. The slices of a whole span before `fromMs` have to
 * be given too. More events never take a firing away (but see `credentialUse`), in whatever order they came.
 */
export function findFirings(
  span: SpanRule,
  steps: readonly StepSlices[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Firing[] {
  const byEpisode = new Map<number, Firing>();
  const ends = [...(steps[span.steps.length - 1]?.keys() ?? [])].sort((a, b) => a - b);
  for (const endMs of ends) {
    if (endMs < fromMs || endMs > toMs) continue;
    const episodeMs = endMs - (endMs % span.spanMs);
    if (byEpisode.has(episodeMs)) continue;
    const held = judge(span, steps, endMs);
    if (held) byEpisode.set(episodeMs, { rule: span.rule.id, episodeMs, ...held });
  }
  return [...byEpisode.values()];
}

/** What the span that ends with this slice holds, where it is enough to fire. */
function judge({ rule, spanMs }: SpanRule, steps: readonly StepSlices[], endMs: number): Counted | null {
  const { condition } = rule;
  const startMs = endMs - spanMs + SLICE_MS;
  const [first, then] = steps;
  if (!first) return null;
  switch (condition.kind) {
    case "rate": {
      if (actionsIn(first, startMs, endMs) <= condition.above) return null;
      const seen = totalIn(first, startMs, endMs);
      const count = seen ? measured(seen.cell, condition.measure) : 0;
      if (!seen || count <= condition.above) return null;
      return { ...spanOf(seen), counts: { [condition.measure]: count, above: condition.above } };
    }
    case "volume": {
      const seen = totalIn(first, startMs, endMs);
      const bytes = seen?.cell[1] ?? 0;
      if (!seen || bytes <= condition.aboveBytes) return null;
      return { ...spanOf(seen), counts: { bytes, actions: seen.cell[0], above: condition.aboveBytes } };
    }
    case "credentials":
      return credentialUse(first, startMs, endMs);
    case "sequence":
      return then ? sequenceCount(condition, first, then, { startMs, endMs }) : null;
    default:
      return null;
  }
}

type Total = { cell: Cell; firstMs: number; lastMs: number };

function totalIn(step: StepSlices, startMs: number, endMs: number): Total | null {
  let total: Total | null = null;
  for (let at = startMs; at <= endMs; at += SLICE_MS) {
    const cell = mergedCell(step.get(at));
    if (!cell) continue;
    total = total
      ? { cell: mergeCell(total.cell, cell), firstMs: total.firstMs, lastMs: at + cell[3] }
      : { cell, firstMs: at + cell[2], lastMs: at + cell[3] };
  }
  return total;
}

function spanOf({ firstMs, lastMs }: Total): { firstMs: number; lastMs: number } {
  return { firstMs, lastMs };
}

function measured(cell: Cell, measure: string): number {
  return measure === "actions" ? cell[0] : countDistinct(cell[4] ?? []);
}

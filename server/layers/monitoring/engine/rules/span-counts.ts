import type { RuleCondition } from "../../rules-schema.ts";
import { countDistinct } from "../distinct.ts";
import { SLICE_MS } from "../slice.ts";
import { type Cell, mergeCell, type StepCells } from "./cells.ts";

/** What a span of time holds that is enough to fire. */
export type Counted = {
  firstMs: number;
  lastMs: number;
  counts: Record<string, number | string>;
};
type Slices = ReadonlyMap<number, StepCells>;

/** All parts of a step in one slice together; null where there is none. */
export function mergedCell(step: StepCells | undefined): Cell | null {
  let sum: Cell | null = null;
  for (const part in step) {
    const cell = step[part];
    if (cell) sum = sum ? mergeCell(sum, cell) : cell;
  }
  return sum;
}

/** How many actions a step counted between two slices, both included: no merging, for what is mostly too little. */
export function actionsIn(step: Slices, startMs: number, endMs: number): number {
  let sum = 0;
  for (let at = startMs; at <= endMs; at += SLICE_MS) {
    const parts = step.get(at);
    for (const part in parts) sum += parts[part]?.[0] ?? 0;
  }
  return sum;
}

/**
 * How many of the first step came before the last of the second in this slice, within the span. In the slice itself
 * order is kept to the second: in one and the same second the first step counts where it began no later.
 */
export function sequenceCount(
  { first: wanted }: RuleCondition & { kind: "sequence" },
  first: Slices,
  then: Slices,
  { startMs, endMs }: { startMs: number; endMs: number },
): Counted | null {
  const last = mergedCell(then.get(endMs));
  // No measure is more than the number of actions.
  if (!last || actionsIn(first, startMs, endMs) < wanted.atLeast) return null;
  const count = (cell: Cell) => (wanted.measure === "actions" ? cell[0] : countDistinct(cell[4] ?? []));
  let total = before(first.get(endMs), last[3]);
  let firstMs = endMs + (total?.[2] ?? 0);
  for (let at = startMs; at < endMs; at += SLICE_MS) {
    const cell = mergedCell(first.get(at));
    if (!cell) continue;
    firstMs = Math.min(firstMs, at + cell[2]);
    total = total ? mergeCell(total, cell) : cell;
  }
  if (!total) return null;
  const enough = count(total);
  if (enough < wanted.atLeast) return null;
  return {
    firstMs,
    lastMs: endMs + last[3],
    counts: { [`first ${wanted.measure}`]: enough, "first actions": total[0], "then actions": last[0] },
  };
}

/** The first step's cells of a slice that lie before an instant in it. */
function before(step: StepCells | undefined, offsetMs: number): Cell | null {
  const second = Math.floor(offsetMs / 1_000);
  let sum: Cell | null = null;
  for (const part in step) {
    const cell = step[part];
    if (!cell) continue;
    const place = Number(part);
    if (place > second || (place === second && cell[2] > offsetMs)) continue;
    sum = sum ? mergeCell(sum, cell) : cell;
  }
  return sum;
}

import { addDistinct, type DistinctSketch, mergeDistinct } from "../distinct.ts";

/** What one step of a rule counted: actions, bytes, first and last (milliseconds into the slice), different things. */
export type Cell = [n: number, bytes: number, firstMs: number, lastMs: number, distinct?: DistinctSketch];

/** Cells of one step in one slice: one for all (`""`), one a second, or one a certificate and network. */
export type StepCells = { [part: string]: Cell };

/** A slice's part for the rules: cells by the key of a rule's step. JSON; only what counted something is there. */
export type RuleCells = { [stepKey: string]: StepCells };

/** A step whose parts come from outside keeps so many: the first by name, whatever the order they came in. */
export const PARTS_MAX = 16;

/** Counts one action into a step's cell, in place. */
export function addToCell(
  cells: RuleCells,
  stepKey: string,
  part: string,
  seen: { offsetMs: number; bytes: number; things: readonly string[] | null },
): void {
  let step = cells[stepKey];
  if (!step) {
    step = {};
    cells[stepKey] = step;
  }
  let cell = step[part];
  if (!cell) {
    cell = [0, 0, seen.offsetMs, seen.offsetMs];
    step[part] = cell;
    dropExcess(step);
  }
  cell[0] += 1;
  cell[1] += seen.bytes;
  if (seen.offsetMs < cell[2]) cell[2] = seen.offsetMs;
  if (seen.offsetMs > cell[3]) cell[3] = seen.offsetMs;
  if (!seen.things) return;
  cell[4] ??= [];
  for (const thing of seen.things) addDistinct(cell[4], thing);
}

/** Adds what two gateways, or two batches, counted of one slice. In any order, with any grouping, the same. */
export function mergeRuleCells(a: RuleCells | undefined, b: RuleCells | undefined): RuleCells | undefined {
  if (!a || !b) return a ?? b;
  const merged: RuleCells = { ...a };
  for (const key in b) {
    const [one, other] = [merged[key], b[key]];
    if (other) merged[key] = one ? mergeSteps(one, other) : other;
  }
  return merged;
}

/** Adds two cells of one place and time. */
export function mergeCell(a: Cell, b: Cell): Cell {
  const sum: Cell = [a[0] + b[0], a[1] + b[1], Math.min(a[2], b[2]), Math.max(a[3], b[3])];
  if (a[4] || b[4]) sum[4] = mergeDistinct(a[4] ?? [], b[4] ?? []);
  return sum;
}

function mergeSteps(a: StepCells, b: StepCells): StepCells {
  const merged: StepCells = { ...a };
  for (const part in b) {
    const [one, other] = [merged[part], b[part]];
    if (other) merged[part] = one ? mergeCell(one, other) : other;
  }
  dropExcess(merged);
  return merged;
}

function dropExcess(step: StepCells): void {
  const parts = Object.keys(step);
  if (parts.length <= PARTS_MAX) return;
  for (const part of parts.sort().slice(PARTS_MAX)) delete step[part];
}

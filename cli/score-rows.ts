import { evidenceScorer } from "../server/layers/monitoring/engine/evidence/scorer.ts";
import { type Accumulated, emptyState } from "../server/layers/monitoring/engine/evidence/state.ts";
import { residualOf } from "../server/layers/monitoring/engine/evidence/vector-model.ts";
import { csvCell, readCsv } from "./csv.ts";
import type { Collected, Entity } from "./score-collect.ts";
import { readRow, timeReader } from "./score-columns.ts";
import type { Judge, Judges } from "./score-learn.ts";

const DIGITS = 9;

/** Scores the rows that are not learnt from, in the file's order, as lines of CSV: a list for each piece of the file. */
export async function* scoreRows(
  file: string,
  collected: Collected,
  judges: Judges,
  stepMs: number,
  hourOf: (atMs: number) => number,
): AsyncGenerator<string> {
  const time = timeReader(stepMs);
  const scorers = new Map<string, (atMs: number, values: ArrayLike<number>) => number>();
  for (const [id, judge] of judges.of) {
    const entity = collected.entities.get(id);
    scorers.set(id, entity?.unordered ? inTurn(judge, entity.unordered, hourOf) : follow(judge, hourOf));
  }
  let header = true;
  for await (const records of readCsv(file)) {
    let lines = "";
    for (const record of records) {
      if (header) {
        header = false;
        continue;
      }
      const row = readRow(record, collected.columns, time);
      const score = row.train ? undefined : scorers.get(row.entity)?.(row.atMs, row.values);
      if (score !== undefined)
        lines += `${csvCell(row.entity)},${csvCell(row.t)},${score.toPrecision(DIGITS)}\n`;
    }
    yield lines;
  }
}

/** Scores one entity's rows in order of time. A second row of one time is judged, and does not count twice. */
function follow({ model, state: learnt, toMs }: Judge, hourOf: (atMs: number) => number) {
  const z = new Float64Array(model.features.length);
  let state: Accumulated | null = null;
  return (atMs: number, values: ArrayLike<number>): number => {
    state ??= atMs > toMs ? learnt : emptyState(z.length);
    const hour = hourOf(atMs);
    model.features.forEach((feature, f) => {
      z[f] = residualOf(feature, values[f] ?? Number.NaN, hour);
    });
    const { score, next } = evidenceScorer.score({ z, atMs, state }, model);
    if (atMs !== state.atMs) state = next;
    return score;
  };
}

/** Rows that stand in any order: scored by time before the first is asked for, handed out as they stand. */
function inTurn(judge: Judge, rows: NonNullable<Entity["unordered"]>, hourOf: (atMs: number) => number) {
  const width = judge.model.features.length;
  const score = follow(judge, hourOf);
  const scores = new Float64Array(rows.atMs.length);
  const order = Array.from(rows.atMs.keys()).sort(
    (a, b) => (rows.atMs[a] ?? 0) - (rows.atMs[b] ?? 0) || a - b,
  );
  for (const row of order)
    scores[row] = score(rows.atMs[row] ?? 0, rows.values.subarray(row * width, (row + 1) * width));
  let next = 0;
  return () => scores[next++] ?? 0;
}

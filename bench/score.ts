import { learnBaseline } from "../server/layers/monitoring/engine/baseline.ts";
import { evidenceScorer } from "../server/layers/monitoring/engine/evidence/scorer.ts";
import { type Accumulated, emptyState } from "../server/layers/monitoring/engine/evidence/state.ts";
import { learnVector, residualOf } from "../server/layers/monitoring/engine/evidence/vector-model.ts";
import { hourOfWeek } from "../server/layers/monitoring/engine/hour-of-week.ts";
import { behaviourScorer } from "../server/layers/monitoring/engine/score.ts";
import { usualVectors } from "../server/layers/monitoring/testing/usual-vectors.ts";
import { usualWeeks } from "../server/layers/monitoring/testing/usual-weeks.ts";
import { type Bench, type Figure, ratePerSecond } from "./lib/figure.ts";

const ZONE = "America/New_York";
const STEP_MS = 600_000;
/** The six features of an agent's window, as a file of features has them. */
const NAMES = ["calls", "megabytes", "refused", "load", "calls again", "megabytes again"];

/**
 * Windows scored a second on one core: an agent's minute with its six features, network, sequence and words, and a row
 * of six numbers with everything accumulated, explained; and the bytes that are kept for an agent.
 */
const bench: Bench = async ({ small }) => {
  const ms = small ? 50 : 3_000;
  const floor = { what: "squared distances of six numbers from JSON", value: distanceFloor(ms) };
  return [...behaviour(ms, small, floor), ...evidence(ms, small, floor)];
};

function behaviour(ms: number, small: boolean, floor: { what: string; value: number }): Figure[] {
  const windows = usualWeeks({
    weeks: small ? 1 : 3,
    fromMs: Date.parse("2026-11-02T05:00:00Z"),
    timeZone: ZONE,
  });
  const baseline = learnBaseline(windows, ZONE);
  let at = 0;
  const rate = ratePerSecond(() => {
    const window = windows[at++ % windows.length];
    return window && behaviourScorer.score(window, baseline);
  }, ms);
  const bytes = JSON.stringify(baseline).length;
  return [
    { bench: "score", what: "agent's minutes, with words", value: rate, unit: "windows/s", floor },
    { bench: "score", what: "baseline of an agent", value: bytes, unit: "bytes" },
  ];
}

function evidence(ms: number, small: boolean, floor: { what: string; value: number }): Figure[] {
  const rows = usualVectors({ days: small ? 7 : 21, seed: 1 });
  const width = NAMES.length;
  const wide = {
    ...rows,
    width,
    values: Float64Array.from({ length: rows.atMs.length * width }, (_, i) => {
      const [row, f] = [Math.floor(i / width), i % width];
      return (
        (rows.values[row * rows.width + (f % rows.width)] ?? 0) * (f < rows.width ? 1 : 1 + 0.01 * (row % 7))
      );
    }),
  };
  const hourOf = (atMs: number) => hourOfWeek(atMs, ZONE);
  const { model } = learnVector([wide], NAMES, STEP_MS, hourOf);
  let state: Accumulated = emptyState(width);
  let row = 0;
  const z = new Float64Array(width);
  const rate = ratePerSecond(() => {
    const from = row++ % wide.atMs.length;
    if (from === 0) state = emptyState(width);
    const atMs = wide.atMs[from] ?? 0;
    const hour = hourOf(atMs);
    model.features.forEach((feature, f) => {
      z[f] = residualOf(feature, wide.values[from * width + f] ?? 0, hour);
    });
    const scored = evidenceScorer.score({ z, atMs, state }, model);
    state = scored.next;
    return scored.contributions();
  }, ms);
  const bytes = state.level.byteLength + state.sums.byteLength + state.ratioSums.byteLength + 3 * 8;
  return [
    { bench: "score", what: "rows of six numbers, accumulated", value: rate, unit: "windows/s", floor },
    { bench: "score", what: "accumulated state of an entity", value: bytes, unit: "bytes" },
    { bench: "score", what: "model of an entity", value: JSON.stringify(model).length, unit: "bytes" },
  ];
}

/** What the machine does at least: reads a window's six numbers and takes one distance. */
function distanceFloor(ms: number): number {
  const text = JSON.stringify(NAMES.map((_, f) => f + 0.123456));
  const centre = Float64Array.from(NAMES, (_, f) => f);
  return ratePerSecond(() => {
    const values = JSON.parse(text) as number[];
    return values.reduce((sum, value, f) => sum + (value - (centre[f] ?? 0)) ** 2, 0);
  }, ms);
}

export default bench;

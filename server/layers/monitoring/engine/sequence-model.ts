import type { WindowFeatures } from "../schema.ts";
import { median, significant } from "./robust.ts";

/** Which action follows which, and how surprising the agent's own usual sequences are under that. */
export type SequenceModel = {
  pairs: Record<string, number>;
  from: Record<string, number>;
  to: Record<string, number>;
  total: number;
  /** Mean and standard deviation of a usual step's surprise, in nats. */
  mean: number;
  deviation: number;
  /** How much wider the windows learnt from spread than independent steps would. */
  dispersion: number;
};

/** With fewer transitions than this there is no sequence to speak of. */
export const TRANSITIONS_MIN = 200;
const PAIRS_MAX = 2_000;
const SURPRISE_MAX = 8;
/** Pseudo-counts: of all followers for one action; of usual steps in a window. */
const FOLLOWERS_PRIOR = 2;
const STEPS_PRIOR = 3;
const STEPS_COUNTED_MAX = 30;
const DISPERSION_WINDOWS_MIN = 200;

/** Learns the transitions of the windows, or null where they are too few. */
export function learnSequence(windows: readonly WindowFeatures[]): SequenceModel | null {
  const model: SequenceModel = {
    pairs: {},
    from: {},
    to: {},
    total: 0,
    mean: 0,
    deviation: 1,
    dispersion: 1,
  };
  const all = new Map<string, number>();
  for (const { transitions } of windows)
    for (const pair in transitions) all.set(pair, (all.get(pair) ?? 0) + (transitions[pair] ?? 0));
  const kept = [...all].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, PAIRS_MAX);
  for (const [pair, count] of kept) {
    const [from, to] = ends(pair);
    model.pairs[pair] = count;
    model.from[from] = countOf(model.from, from) + count;
    model.to[to] = countOf(model.to, to) + count;
    model.total += count;
  }
  if (model.total < TRANSITIONS_MIN) return null;
  const steps = kept.map(([pair, count]) => ({ count, surprise: surpriseOf(model, pair) }));
  const mean = steps.reduce((sum, s) => sum + s.count * s.surprise, 0) / model.total;
  const variance = steps.reduce((sum, s) => sum + s.count * (s.surprise - mean) ** 2, 0) / model.total;
  model.mean = significant(mean);
  model.deviation = significant(Math.max(0.1, Math.sqrt(variance)));
  model.dispersion = dispersionOf(model, windows);
  return model;
}

/** Mean surprise of a window's steps in nats, drawn towards the usual where steps are few; and its deviations. */
export function measureSequence(
  model: SequenceModel,
  window: Pick<WindowFeatures, "transitions" | "transitionsOther">,
): { surprise: number; deviations: number } {
  let steps = window.transitionsOther;
  let sum = window.transitionsOther * SURPRISE_MAX;
  for (const pair in window.transitions) {
    const count = window.transitions[pair] ?? 0;
    steps += count;
    sum += count * surpriseOf(model, pair);
  }
  if (steps === 0) return { surprise: model.mean, deviations: 0 };
  const surprise = (sum + STEPS_PRIOR * model.mean) / (steps + STEPS_PRIOR);
  const error = Math.sqrt(model.deviation ** 2 / Math.min(steps + STEPS_PRIOR, STEPS_COUNTED_MAX) + 0.01);
  return { surprise, deviations: (surprise - model.mean) / (error * model.dispersion) };
}

function surpriseOf(model: SequenceModel, pair: string): number {
  const [from, to] = ends(pair);
  const names = Object.keys(model.to).length;
  const usual = (countOf(model.to, to) + 0.5) / (model.total + 0.5 * (names + 1));
  const follows =
    (countOf(model.pairs, pair) + FOLLOWERS_PRIOR * usual) / (countOf(model.from, from) + FOLLOWERS_PRIOR);
  return Math.min(SURPRISE_MAX, -Math.log(follows));
}

function dispersionOf(model: SequenceModel, windows: readonly WindowFeatures[]): number {
  const deviations = windows
    .filter((window) => Object.keys(window.transitions).length > 0)
    .map((window) => Math.abs(measureSequence(model, window).deviations));
  if (deviations.length < DISPERSION_WINDOWS_MIN) return 1;
  return significant(Math.max(1, 1.4826 * median(Float64Array.from(deviations))));
}

function ends(pair: string): [string, string] {
  const arrow = pair.indexOf(">");
  return [pair.slice(0, arrow), pair.slice(arrow + 1)];
}

/** Names come from agents: `constructor` is a name like any other. */
function countOf(counts: Record<string, number>, name: string): number {
  return Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0;
}

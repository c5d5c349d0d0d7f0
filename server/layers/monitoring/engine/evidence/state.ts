import { RELATED_MAX } from "./relations.ts";

/**
 * Kinds of evidence about one feature: against the season, against the last hour, against what the other features say
 * of it, and the first and third of these added up over an hour, six hours and a day.
 */
export const CHANNELS = [
  "now",
  "local",
  "hour",
  "quarter",
  "day",
  "ratio",
  "ratioHour",
  "ratioQuarter",
  "ratioDay",
] as const;
const HOUR_MS = 3_600_000;
const SPANS_MS = [HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS] as const;
/** What one row can add to accumulated evidence: a burst is seen as a burst, and is not remembered for a day. */
const ADDED_MAX = 4;
const NOW_MAX = 60;

/** Slow benign drift is followed with this time constant, and only while nothing is unusual. */
const FOLLOW_MS = 48 * HOUR_MS;
const FOLLOWED_MAX = 2;
/** After an alarm has stood so long it is taken for the new usual, at this pace and up to this many deviations. */
export const STANDING_MS = 6 * HOUR_MS;
const SETTLE_MS = 3 * HOUR_MS;
const CALM_MS = HOUR_MS;
const LEVEL_MAX = 15;

/** What the past of one entity has left behind: a few numbers a feature, whatever the length of that past. */
export type Accumulated = {
  atMs: number;
  /** Where the feature's usual level has moved to since it was learnt, in deviations. */
  level: Float64Array;
  /** Mean residual over each span, feature by feature; then the same of the ratios. */
  sums: Float64Array;
  ratioSums: Float64Array;
  alarmSinceMs: number | null;
  alarmLastMs: number | null;
};

export function emptyState(width: number): Accumulated {
  return {
    atMs: Number.NaN,
    level: new Float64Array(width),
    sums: new Float64Array(3 * width),
    ratioSums: new Float64Array(3 * width),
    alarmSinceMs: null,
    alarmLastMs: null,
  };
}

/**
 * Evidence of one row: for each channel and feature its size, in `into` (channels × features, and one more for all
 * features together). Does not change the state: `next` gets the state after the row.
 *
 * @param z residuals against the season in its spreads; NaN for a missing value, which says nothing.
 */
export function gather(
  z: Float64Array,
  atMs: number,
  before: Accumulated,
  next: Accumulated,
  model: { relations: readonly (readonly number[])[]; stepMs: number },
  into: Float64Array,
): void {
  const width = z.length;
  const gapMs = Number.isNaN(before.atMs) ? model.stepMs : Math.max(0, atMs - before.atMs);
  next.atMs = atMs;
  next.level.set(before.level);
  const residual = into.subarray(0, width);
  for (let f = 0; f < width; f++) {
    const value = z[f] ?? 0;
    residual[f] = Number.isNaN(value) ? 0 : within(value - (before.level[f] ?? 0), NOW_MAX);
    into[width + f] = (residual[f] ?? 0) - (before.sums[f] ?? 0) * Math.exp(-gapMs / HOUR_MS);
  }
  relate(residual, model.relations, into, 5 * width);
  for (let span = 0; span < 3; span++) {
    const keep = Math.exp(-gapMs / (SPANS_MS[span] ?? HOUR_MS));
    const add = 1 - Math.exp(-model.stepMs / (SPANS_MS[span] ?? HOUR_MS));
    for (let f = 0; f < width; f++) {
      const at = span * width + f;
      const sum = (before.sums[at] ?? 0) * keep + add * within(residual[f] ?? 0, ADDED_MAX);
      const ratio = (before.ratioSums[at] ?? 0) * keep + add * within(into[5 * width + f] ?? 0, ADDED_MAX);
      next.sums[at] = sum;
      next.ratioSums[at] = ratio;
      into[(2 + span) * width + f] = sum;
      into[(6 + span) * width + f] = ratio;
    }
  }
}

/** What of each residual the other features do not explain, and how far out all are together. */
function relate(
  residual: Float64Array,
  relations: readonly (readonly number[])[],
  into: Float64Array,
  from: number,
): void {
  const width = residual.length;
  let together = 0;
  for (let f = 0; f < width; f++) {
    const row = relations[f] ?? [];
    let sum = 0;
    for (let g = 0; g < width; g++) sum += (row[g] ?? 0) * within(residual[g] ?? 0, RELATED_MAX);
    together += sum * within(residual[f] ?? 0, RELATED_MAX);
    into[from + f] = sum / Math.sqrt(row[f] ?? 1);
  }
  into[CHANNELS.length * width] = Math.sqrt(Math.max(0, together) / width);
}

/**
 * Lets the state learn from the row it was made by. While an alarm stands nothing is learnt, so that no attack becomes
 * usual; a level that has stood for hours is taken for the new usual (a deploy), within bounds.
 */
export function settle(
  next: Accumulated,
  residual: Float64Array,
  unusual: boolean,
  before: Accumulated,
  stepMs: number,
): void {
  const { atMs } = next;
  if (unusual) {
    next.alarmSinceMs = before.alarmSinceMs ?? atMs;
    next.alarmLastMs = atMs;
  } else {
    const over = before.alarmLastMs === null || atMs - before.alarmLastMs > CALM_MS;
    next.alarmSinceMs = over ? null : before.alarmSinceMs;
    next.alarmLastMs = over ? null : before.alarmLastMs;
  }
  const standing = next.alarmSinceMs !== null && atMs - next.alarmSinceMs >= STANDING_MS;
  if (unusual && !standing) return;
  const pace = 1 - Math.exp(-stepMs / (standing ? SETTLE_MS : FOLLOW_MS));
  const width = residual.length;
  for (let f = 0; f < width; f++) {
    const before = next.level[f] ?? 0;
    const moved = within(
      before + pace * within(residual[f] ?? 0, standing ? LEVEL_MAX : FOLLOWED_MAX),
      LEVEL_MAX,
    );
    next.level[f] = moved;
    if (standing)
      for (let span = 0; span < 3; span++) {
        const at = span * width + f;
        const sum = next.sums[at] ?? 0;
        // What was added up against the old level is carried over to the new one, never past nothing.
        next.sums[at] =
          sum > 0
            ? Math.max(0, sum - Math.max(0, moved - before))
            : Math.min(0, sum - Math.min(0, moved - before));
        next.ratioSums[at] = (next.ratioSums[at] ?? 0) * (1 - pace);
      }
  }
}

function within(value: number, bound: number): number {
  return Math.max(-bound, Math.min(bound, value));
}

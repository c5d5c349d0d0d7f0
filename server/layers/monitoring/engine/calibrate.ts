import { median, quantileOfSorted, significant } from "./robust.ts";

/** The lengths of deviation at which the scores 0.5, 0.7 and 0.9 stand, and how sure that is. */
export type Calibration = {
  at: { record: number; limit: number; contain: number };
  /** Scale of the fitted exponential tail. */
  tailScale: number;
  hours: number;
  days: number;
  /** Alarms a day that the windows learnt from would have raised, each counted once an hour. */
  observed: { record: number; limit: number; contain: number };
  /** Whether a lower limit, and not the agent's own tail, set a threshold. */
  floored: boolean;
};

/** False alarms that the scores stand for, an agent and day. */
export const DECLARED_RATES = { record: 1, limit: 0.1, contain: 0.01 } as const;
/** However regular an agent is, it is never judged by less than this many deviations. */
const FLOORS = { record: 3.5, limit: 5, contain: 6.5 } as const;
const TAIL_RATE = 2;
const TAIL_SCALE_MIN = 0.25;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Fits how rare long deviations are: the highest of each hour (a standing alarm counts once an hour), an
 * exponential tail above the level passed twice a day. The tail's scale is from the median excess, so that an
 * attack among the windows does not stretch it.
 */
export function calibrate(
  lengths: readonly { atMs: number; length: number }[],
  span: { fromMs: number; toMs: number },
): Calibration {
  const byHour = new Map<number, number>();
  for (const { atMs, length } of lengths) {
    const hour = Math.floor((atMs - 1) / HOUR_MS);
    byHour.set(hour, Math.max(byHour.get(hour) ?? 0, length));
  }
  const highest = Float64Array.from(byHour.values()).sort();
  const days = Math.max(1, (span.toMs - span.fromMs) / DAY_MS);
  const tailShare = Math.min(0.5, (TAIL_RATE * days) / Math.max(1, highest.length));
  const start = highest.length === 0 ? 0 : quantileOfSorted(highest, 1 - tailShare);
  const startRate = (tailShare * highest.length) / days || TAIL_RATE;
  const excess = highest.filter((value) => value > start).map((value) => value - start);
  const tailScale = Math.max(TAIL_SCALE_MIN, excess.length === 0 ? 0 : median(excess) / Math.LN2);
  const fitted = (rate: number) => start + tailScale * Math.log(Math.max(1, startRate / rate));
  const record = Math.max(FLOORS.record, fitted(DECLARED_RATES.record));
  const limit = Math.max(FLOORS.limit, fitted(DECLARED_RATES.limit), record + 0.5);
  const contain = Math.max(FLOORS.contain, fitted(DECLARED_RATES.contain), limit + 0.5);
  const rateAbove = (threshold: number) =>
    significant(highest.filter((value) => value > threshold).length / days, 3);
  return {
    at: { record: significant(record), limit: significant(limit), contain: significant(contain) },
    tailScale: significant(tailScale),
    hours: highest.length,
    days: significant(days),
    observed: { record: rateAbove(record), limit: rateAbove(limit), contain: rateAbove(contain) },
    floored: fitted(DECLARED_RATES.contain) < FLOORS.contain,
  };
}

/** The score of a length of deviation: straight between the thresholds, nearing 1 above the last. Never falls. */
export function scoreOfLength(length: number, calibration: Calibration): number {
  const { record, limit, contain } = calibration.at;
  if (length <= record) return round4((0.5 * length) / record);
  if (length <= limit) return round4(0.5 + (0.2 * (length - record)) / (limit - record));
  if (length <= contain) return round4(0.7 + (0.2 * (length - limit)) / (contain - limit));
  const beyond = (length - contain) / Math.max(2, 4 * calibration.tailScale);
  return round4(1 - 0.1 * Math.exp(-beyond));
}

/** What is compared is what is shown and stored. */
function round4(score: number): number {
  return Math.round(score * 10_000) / 10_000;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MS = [1, 5, 10, 30]
  .map((n) => n * MINUTE_MS)
  .concat(
    [1, 2, 6, 12].map((n) => n * HOUR_MS),
    [1, 7, 30].map((n) => n * DAY_MS),
  );

export const BARS_MAX = 60;

/** The shortest round step (ms) at which a span of time is sixty bars at most, beyond that a multiple of thirty days. */
export function histogramStepMs(spanMs: number): number {
  const round = STEPS_MS.find((step) => spanMs / step < BARS_MAX - 1);
  return round ?? Math.ceil(spanMs / (BARS_MAX - 1) / (30 * DAY_MS)) * 30 * DAY_MS;
}

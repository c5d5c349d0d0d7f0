const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MS = [
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  4 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
];

const two = (value: number) => String(value).padStart(2, "0");

/** Round instants of UTC across a stretch, at most `ticksMax` of them. */
export function timeTicks(fromMs: number, toMs: number, ticksMax = 8): number[] {
  const spanMs = toMs - fromMs;
  const stepMs =
    STEPS_MS.find((step) => spanMs / step <= ticksMax) ?? Math.ceil(spanMs / ticksMax / DAY_MS) * DAY_MS;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / stepMs) * stepMs; at <= toMs && ticks.length < ticksMax; at += stepMs)
    ticks.push(at);
  return ticks;
}

/** A tick in UTC: the day where the stretch is longer than two, otherwise the minute. */
export function tickText(atMs: number, spanMs: number): string {
  const d = new Date(atMs);
  if (spanMs > 2 * DAY_MS) return `${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
}

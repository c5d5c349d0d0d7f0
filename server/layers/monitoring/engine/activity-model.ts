import { HOURS_OF_WEEK, hourOfWeek, isWeekend } from "./hour-of-week.ts";
import { significant } from "./robust.ts";

const HOUR_MS = 3_600_000;
/** Minutes that the hour's like on other days weigh, and that all hours weigh against those. */
const LIKE_HOURS_MINUTES = 120;
const ALL_HOURS_MINUTES = 30;

/**
 * The share of an hour's minutes in which the agent does anything at all, for each hour of the week, drawn
 * towards the same hour of like days. Never 0 or 1: what was never seen is only as unlikely as the time watched.
 */
export function learnActivity(
  activeHours: readonly number[],
  fromMs: number,
  toMs: number,
  timeZone: string,
): number[] {
  const watched = watchedMinutes(fromMs, toMs, timeZone);
  const active = new Float64Array(HOURS_OF_WEEK);
  for (const hour of activeHours) active[hour] = (active[hour] ?? 0) + 1;
  const kindOf = (hour: number) => (hour % 24) + (isWeekend(hour) ? 24 : 0);
  const kindActive = new Float64Array(48);
  const kindWatched = new Float64Array(48);
  for (let hour = 0; hour < HOURS_OF_WEEK; hour++) {
    const kind = kindOf(hour);
    kindActive[kind] = (kindActive[kind] ?? 0) + (active[hour] ?? 0);
    kindWatched[kind] = (kindWatched[kind] ?? 0) + (watched[hour] ?? 0);
  }
  const overall = (activeHours.length + 1) / (sum(watched) + 2);
  return Array.from({ length: HOURS_OF_WEEK }, (_, hour) => {
    const kind = kindOf(hour);
    const like =
      ((kindActive[kind] ?? 0) + ALL_HOURS_MINUTES * overall) /
      ((kindWatched[kind] ?? 0) + ALL_HOURS_MINUTES);
    const own =
      ((active[hour] ?? 0) + LIKE_HOURS_MINUTES * like) / ((watched[hour] ?? 0) + LIKE_HOURS_MINUTES);
    return significant(Math.min(1, own));
  });
}

function watchedMinutes(fromMs: number, toMs: number, timeZone: string): Float64Array {
  const minutes = new Float64Array(HOURS_OF_WEEK);
  for (let at = fromMs; at < toMs; ) {
    const next = Math.min(toMs, at - (at % HOUR_MS) + HOUR_MS);
    const hour = hourOfWeek(at, timeZone);
    minutes[hour] = (minutes[hour] ?? 0) + (next - at) / 60_000;
    at = next;
  }
  return minutes;
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}

/** A day of the calendar, without a time or a zone. `month` is 1 to 12. */
export type CivilDate = { year: number; month: number; day: number };
export type CivilTime = CivilDate & { hour: number; minute: number; second: number };

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock on the wall of the zone shows at an instant. @throws RangeError for a zone that is not known. */
export function civilTime(atMs: number, timeZone: string): CivilTime {
  const parts = formatOf(timeZone).formatToParts(atMs);
  const of = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((part) => part.type === type)?.value ?? Number.NaN);
  return {
    ...{ year: of("year"), month: of("month"), day: of("day") },
    ...{ hour: of("hour"), minute: of("minute"), second: of("second") },
  };
}

/**
 * The instant at which the zone's clocks show a time. One that comes twice is taken the first time; one that is skipped
 * is taken as if the clocks had not been changed yet.
 */
export function instantAt(
  date: CivilDate,
  hour: number,
  minute: number,
  second: number,
  timeZone: string,
): number {
  const wall = Date.UTC(date.year, date.month - 1, date.day, hour, minute, second);
  // The offsets a day before and a day after are the only two that can hold.
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((at) => offsetMs(at, timeZone));
  const found = offsets.map((offset) => wall - offset).filter((at) => at + offsetMs(at, timeZone) === wall);
  return found.length > 0 ? Math.min(...found) : wall - (offsets[0] ?? 0);
}

/** The day so many days later, or before. */
export function addDays({ year, month, day }: CivilDate, days: number): CivilDate {
  return dateOf(Date.UTC(year, month - 1, day + days));
}

/** The same day of the next month; its last where it has no such day. */
export function addMonth({ year, month, day }: CivilDate): CivilDate {
  const next = month === 12 ? { year: year + 1, month: 1 } : { year, month: month + 1 };
  return { ...next, day: Math.min(day, new Date(Date.UTC(next.year, next.month, 0)).getUTCDate()) };
}

/** 0 is Sunday. */
export function weekday({ year, month, day }: CivilDate): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

/** `2026-11-26`. */
export function dateText({ year, month, day }: CivilDate): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function dateOf(ms: number): CivilDate {
  const date = new Date(ms);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

function offsetMs(atMs: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = civilTime(atMs, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      ...{ timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
      ...{ hour: "numeric", minute: "numeric", second: "numeric" },
    });
    formats.set(timeZone, format);
  }
  return format;
}

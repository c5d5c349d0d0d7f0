const HOUR_MS = 3_600_000;
/** No zone changes its offset inside a quarter of an hour (UTC). */
const QUARTER_MS = 900_000;
const CACHED_MAX = 200_000;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

export const HOURS_OF_WEEK = 168;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

/**
 * The hour of the week in a time zone: 0 is Monday 00:00, 167 Sunday 23:00. Right across changes to and from
 * summer time: the hour that comes twice is one hour of the week, the hour that is skipped has no minutes.
 *
 * @param atMs milliseconds since 1970.
 */
export function hourOfWeek(atMs: number, timeZone: string): number {
  const localHours = Math.floor((atMs + offsetMs(atMs, timeZone)) / HOUR_MS);
  return modulo(localHours + 72, HOURS_OF_WEEK); // 1970-01-01 was a Thursday
}

/** Days since 1970-01-01 on the zone's calendar. */
export function localDay(atMs: number, timeZone: string): number {
  return Math.floor((atMs + offsetMs(atMs, timeZone)) / 86_400_000);
}

/** "Tuesday 03:00". */
export function hourName(hour: number): string {
  return `${DAYS[Math.floor(hour / 24)]} ${String(hour % 24).padStart(2, "0")}:00`;
}

export function isWeekend(hour: number): boolean {
  return hour >= 120;
}

function offsetMs(atMs: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  let cached = offsets.get(timeZone);
  if (!cached) {
    cached = new Map();
    offsets.set(timeZone, cached);
  }
  const quarter = Math.floor(atMs / QUARTER_MS);
  const known = cached.get(quarter);
  if (known !== undefined) return known;
  const offset = readOffset(quarter * QUARTER_MS, timeZone);
  if (cached.size >= CACHED_MAX) cached.clear();
  cached.set(quarter, offset);
  return offset;
}

function readOffset(atMs: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map((part) => [part.type, part.value]),
  );
  const local = Date.UTC(
    Number(parts.year),
    Number(parts.month) - 1,
    Number(parts.day),
    Number(parts.hour),
    Number(parts.minute),
    Number(parts.second),
  );
  return local - atMs;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timeZone, format);
  }
  return format;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

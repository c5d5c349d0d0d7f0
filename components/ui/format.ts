const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const two = (value: number) => String(value).padStart(2, "0");
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Milliseconds since 1970 of a date or ISO text; NaN when it is neither. */
export function toMs(at: Date | string | number): number {
  return typeof at === "number" ? at : new Date(at).getTime();
}

/** A length of time in its two largest units: `41 min`, `2 h 5 min`, `3 d 4 h`; below a second in ms. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs));
  if (ms < SECOND_MS) return `${ms} ms`;
  if (ms < 10 * SECOND_MS) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return pair(ms, HOUR_MS, "h", MINUTE_MS, "min");
  return pair(ms, DAY_MS, "d", HOUR_MS, "h");
}

function pair(ms: number, unitMs: number, unit: string, smallMs: number, small: string): string {
  const whole = Math.floor(ms / unitMs);
  const rest = Math.floor((ms % unitMs) / smallMs);
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${small}`;
}

/** Time left as `31:47:09`; past the deadline it counts up with a minus sign: `−00:00:01`. */
export function formatCountdown(leftMs: number): string {
  const late = leftMs < 0;
  // Rounded towards the deadline's far side, so that 00:00:00 is shown only when the time is up.
  const seconds = late ? Math.floor(-leftMs / SECOND_MS) : Math.ceil(leftMs / SECOND_MS);
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return late ? `−${text}` : text;
}

/** Age of an instant: `just now`, `12 s`, `41 min`, `4 h`, `3 d`: one unit, for tables. */
export function formatAge(at: Date | string, nowMs: number): string {
  const ms = nowMs - toMs(at);
  if (ms < SECOND_MS) return "now";
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** The same as a phrase: `now`, `12 s ago`, `4 h ago`. */
export function formatAgo(at: Date | string, nowMs: number): string {
  const age = formatAge(at, nowMs);
  return age === "now" ? age : `${age} ago`;
}

/** Clock time in UTC, `14:02:31`. */
export function formatUtcTime(at: Date | string | number): string {
  const d = new Date(toMs(at));
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

/** Day and minute in UTC, `Tue 24 Nov 21:49 UTC`; the year is added when it is not `nowMs`'s. */
export function formatUtc(at: Date | string | number, nowMs?: number): string {
  const d = new Date(toMs(at));
  const year =
    nowMs !== undefined && new Date(nowMs).getUTCFullYear() !== d.getUTCFullYear()
      ? ` ${d.getUTCFullYear()}`
      : "";
  return `${WEEKDAYS[d.getUTCDay()]} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]}${year} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())} UTC`;
}

/** Whole UTC instant to the millisecond, ISO 8601: what is copied and exported. */
export function formatIso(at: Date | string | number): string {
  return new Date(toMs(at)).toISOString();
}

/** Clock time in a named zone, `16:49 New York`. */
export function formatInZone(at: Date | string | number, timeZone: string): string {
  const time = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format(
    new Date(toMs(at)),
  );
  return `${time} ${zoneName(timeZone)}`;
}

/** The city of an IANA zone: `America/New_York` → `New York`. */
export function zoneName(timeZone: string): string {
  return (timeZone.split("/").at(-1) ?? timeZone).replaceAll("_", " ");
}

/** Whole numbers with separators: `1,204,881`. */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A figure for an axis or a table: thousands and millions are cut to `12.3k` and `1.22M`. */
export function formatCompact(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))}M`;
  if (size >= 10_000) return `${Number((value / 1_000).toPrecision(3))}k`;
  return value.toFixed(digits);
}

/** Bytes in decimal units with three digits at most: `14.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
}

/** A share of 0 to 1 as `37%`; what is not quite nothing, or not quite all, does not read as it. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 1) return "<1%";
  return percent > 99 && percent < 100 ? ">99%" : `${Math.round(percent)}%`;
}

/** A score in [0,1] with two digits, never rounded up over a threshold: 0.8999 is `0.89`. */
export function formatScore(score: number): string {
  return (Math.floor(score * 100 + 1e-9) / 100).toFixed(2);
}

/** `INC-0042`, `AL-981`. */
export const incidentName = (number: number) => `INC-${String(number).padStart(4, "0")}`;
export const alertName = (number: number) => `AL-${number}`;

/** The first and last characters of a long digest, for tables; the whole is one copy away. */
export function shortDigest(text: string, keep = 6): string {
  const bare = text.replace(/^sha256:/, "");
  return bare.length <= keep * 2 + 1 ? bare : `${bare.slice(0, keep)}…${bare.slice(-4)}`;
}

/** `payment_execute` or `deny_all` as words. */
export function toWords(code: string): string {
  return code.replace(/[_-]+/g, " ");
}

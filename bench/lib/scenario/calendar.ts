/**
 * The bank's calendar: local time across changes of the clock, bank holidays and month ends. On purpose not the
 * product's own arithmetic of hours, so that an error there does not hide itself.
 */
export const ZONE = "America/New_York";

export type LocalTime = {
  /** Minutes since local midnight. */
  minute: number;
  /** 0 Monday to 6 Sunday. */
  weekday: number;
  /** Days since 1970-01-01 on the local calendar. */
  day: number;
};

export const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
const format = new Intl.DateTimeFormat("en-US", { timeZone: ZONE, timeZoneName: "longOffset" });
const offsets = new Map<number, number>();

/** The bank's wall clock at an instant. */
export function localTime(atMs: number): LocalTime {
  const local = atMs + offsetMs(atMs);
  const day = Math.floor(local / DAY_MS);
  return { day, minute: Math.floor((local - day * DAY_MS) / 60_000), weekday: (((day + 3) % 7) + 7) % 7 };
}

/** The instant of a local day's beginning. */
export function midnightOf(day: number): number {
  const guess = day * DAY_MS;
  return guess - offsetMs(guess + DAY_MS / 4);
}

/** Whether the clock was changed on this local day. */
export function changesClock(day: number): boolean {
  return midnightOf(day + 1) - midnightOf(day) !== DAY_MS;
}

/** Days on which the bank is closed: the Federal Reserve's holidays (those on a Saturday are not moved). */
export function isHoliday(day: number): boolean {
  const date = new Date(day * DAY_MS);
  const [month, dayOfMonth] = [date.getUTCMonth() + 1, date.getUTCDate()];
  if (FIXED.has(`${month}-${dayOfMonth}`)) return true;
  if (date.getUTCDay() === 4 && month === 11) return nth(dayOfMonth) === 4;
  if (date.getUTCDay() !== 1) return false;
  if (month === 5) return dayOfMonth + 7 > 31;
  return MONDAYS[month] === nth(dayOfMonth);
}

/** The last business day of a month and the first of the next: when books are closed. */
export function isMonthEnd(day: number): boolean {
  if (!isBusinessDay(day)) return false;
  const month = monthOf(day);
  let next = day + 1;
  while (!isBusinessDay(next)) next++;
  let last = day - 1;
  while (!isBusinessDay(last)) last--;
  return monthOf(next) !== month || monthOf(last) !== month;
}

export function isBusinessDay(day: number): boolean {
  const weekday = (((day + 3) % 7) + 7) % 7;
  return weekday < 5 && !isHoliday(day);
}

const FIXED = new Set(["1-1", "6-19", "7-4", "11-11", "12-25"]);
/** Which Monday of the month: Martin Luther King, Presidents, Labor, Columbus. */
const MONDAYS: Record<number, number> = { 1: 3, 2: 3, 9: 1, 10: 2 };
const nth = (dayOfMonth: number) => Math.ceil(dayOfMonth / 7);
const monthOf = (day: number) => new Date(day * DAY_MS).getUTCMonth();

function offsetMs(atMs: number): number {
  const quarter = Math.floor(atMs / QUARTER_MS);
  const known = offsets.get(quarter);
  if (known !== undefined) return known;
  const name = format.formatToParts(quarter * QUARTER_MS).find(({ type }) => type === "timeZoneName");
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name?.value ?? "") ?? [];
  const offset = hours ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000 : 0;
  offsets.set(quarter, offset);
  return offset;
}

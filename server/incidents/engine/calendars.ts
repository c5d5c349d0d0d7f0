import { addDays, type CivilDate, dateText, weekday } from "./civil-date.ts";

/** Which days an authority is closed on, beyond Saturdays and Sundays. */
export type Calendar = {
  key: string;
  title: string;
  source: string;
  holidays: readonly Holiday[];
  /** Single days, as `2025-01-09`, that were announced and follow from no rule. */
  closures: Readonly<Record<string, string>>;
};
type Holiday = { name: string; since: number; on: (year: number) => CivilDate };

const SATURDAY = 6;
const fixed = (month: number, day: number) => (year: number) => ({ year, month, day });

/** The n-th such weekday of a month; with −1 the last. */
function nth(n: number, day: number, month: number): (year: number) => CivilDate {
  return (year) => {
    if (n < 0) {
      const last = addDays(
        month === 12 ? { year: year + 1, month: 1, day: 1 } : { year, month: month + 1, day: 1 },
        -1,
      );
      return addDays(last, -((weekday(last) - day + 7) % 7));
    }
    const first = { year, month, day: 1 };
    return addDays(first, ((day - weekday(first) + 7) % 7) + 7 * (n - 1));
  };
}

/** Where a holiday on a Saturday is kept on Friday, and one on a Sunday on Monday (5 U.S.C. 6103(b); E.O. 11582). */
function observed(on: (year: number) => CivilDate): (year: number) => CivilDate {
  return (year) => {
    const date = on(year);
    const day = weekday(date);
    return day === SATURDAY ? addDays(date, -1) : day === 0 ? addDays(date, 1) : date;
  };
}

const MONDAY = 1;
const THURSDAY = 4;

/** The days on which EDGAR takes nothing in: the federal holidays (5 U.S.C. 6103(a)) and what the SEC announced. */
export const US_FEDERAL: Calendar = {
  key: "us-federal",
  title: "U.S. federal holidays",
  source: "5 U.S.C. 6103; closures as the SEC announced them",
  holidays: [
    { name: "New Year's Day", since: 1870, on: observed(fixed(1, 1)) },
    { name: "Birthday of Martin Luther King, Jr.", since: 1986, on: nth(3, MONDAY, 1) },
    { name: "Washington's Birthday", since: 1971, on: nth(3, MONDAY, 2) },
    { name: "Memorial Day", since: 1971, on: nth(-1, MONDAY, 5) },
    { name: "Juneteenth", since: 2021, on: observed(fixed(6, 19)) },
    { name: "Independence Day", since: 1870, on: observed(fixed(7, 4)) },
    { name: "Labor Day", since: 1894, on: nth(1, MONDAY, 9) },
    { name: "Columbus Day", since: 1971, on: nth(2, MONDAY, 10) },
    { name: "Veterans Day", since: 1978, on: observed(fixed(11, 11)) },
    { name: "Thanksgiving Day", since: 1942, on: nth(4, THURSDAY, 11) },
    { name: "Christmas Day", since: 1870, on: observed(fixed(12, 25)) },
  ],
  closures: { "2020-12-24": "closed by executive order", "2025-01-09": "National Day of Mourning" },
};

/** The days on which the euro area's payment system rests: what the authorities of all its countries share. */
export const TARGET: Calendar = {
  key: "target",
  title: "TARGET closing days",
  source: "ECB, long-term calendar of TARGET closing days",
  holidays: [
    { name: "New Year's Day", since: 1999, on: fixed(1, 1) },
    { name: "Good Friday", since: 2000, on: (year) => addDays(easterSunday(year), -2) },
    { name: "Easter Monday", since: 2000, on: (year) => addDays(easterSunday(year), 1) },
    { name: "1 May", since: 2000, on: fixed(5, 1) },
    { name: "Christmas Day", since: 1999, on: fixed(12, 25) },
    { name: "26 December", since: 2000, on: fixed(12, 26) },
  ],
  closures: {},
};

/** Why the day is no business day: a weekend, a holiday by its name, a closure; null where it is one. */
export function closedBecause(calendar: Calendar, date: CivilDate): string | null {
  const day = weekday(date);
  if (day === SATURDAY || day === 0) return day === 0 ? "Sunday" : "Saturday";
  const text = dateText(date);
  // New Year's Day on a Saturday is kept in the year before.
  const holiday = calendar.holidays.find(({ on, since }) =>
    [date.year, date.year + 1].some((year) => year >= since && dateText(on(year)) === text),
  );
  return holiday?.name ?? calendar.closures[text] ?? null;
}

/** The first business day on or after a day. */
export function businessDayFrom(calendar: Calendar, date: CivilDate): CivilDate {
  let at = date;
  while (closedBecause(calendar, at) !== null) at = addDays(at, 1);
  return at;
}

/** Western Easter (Meeus, Jones and Butcher: Astronomical Algorithms, chapter 8). */
export function easterSunday(year: number): CivilDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return { year, month: Math.floor(f / 31), day: (f % 31) + 1 };
}

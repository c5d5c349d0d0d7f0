import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { businessDayFrom, closedBecause, easterSunday, TARGET, US_FEDERAL } from "./calendars.ts";
import { addDays, dateText, weekday } from "./civil-date.ts";

const day = (text: string) => {
  const [year = 0, month = 0, of = 0] = text.split("-").map(Number);
  return { year, month, day: of };
};
const closedIn = (year: number, calendar = US_FEDERAL) =>
  Array.from({ length: 366 }, (_, i) => addDays({ year, month: 1, day: 1 }, i))
    .filter((date) => date.year === year && weekday(date) % 6 !== 0 && closedBecause(calendar, date) !== null)
    .map(dateText);

describe("the days on which EDGAR takes nothing in", () => {
  it.each([
    [
      2026,
      ["01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"],
    ],
    [
      2027,
      [
        "01-01",
        "01-18",
        "02-15",
        "05-31",
        "06-18",
        "07-05",
        "09-06",
        "10-11",
        "11-11",
        "11-25",
        "12-24",
        "12-31",
      ],
    ],
    [2028, ["01-17", "02-21", "05-29", "06-19", "07-04", "09-04", "10-09", "11-10", "11-23", "12-25"]],
  ])("of %d are those of the published list, kept on the nearest working day", (year, days) => {
    expect(closedIn(year)).toEqual(days.map((of) => `${year}-${of}`));
  });

  it("are called by their names, a weekend by its day, an announced closure by its reason", () => {
    const why = (text: string) => closedBecause(US_FEDERAL, day(text));
    expect(why("2026-11-26")).toBe("Thanksgiving Day");
    expect(why("2026-07-03")).toBe("Independence Day");
    expect(why("2027-12-31")).toBe("New Year's Day");
    expect(why("2026-11-22")).toBe("Sunday");
    expect(why("2025-01-09")).toBe("National Day of Mourning");
    expect(why("2020-06-19")).toBeNull(); // Juneteenth is a holiday from 2021 on
    expect(why("2026-11-27")).toBeNull();
  });
});

describe("TARGET closing days", () => {
  it.each([
    [2008, "2008-03-23"],
    [2024, "2024-03-31"],
    [2025, "2025-04-20"],
    [2026, "2026-04-05"],
    [2027, "2027-03-28"],
    [2028, "2028-04-16"],
    [2038, "2038-04-25"],
  ])("Easter of %d is on %s", (year, date) => expect(dateText(easterSunday(year))).toBe(date));

  it("of 2026 are Good Friday, Easter Monday, New Year, 1 May and Christmas", () => {
    expect(closedIn(2026, TARGET)).toEqual([
      "2026-01-01",
      "2026-04-03",
      "2026-04-06",
      "2026-05-01",
      "2026-12-25",
    ]);
  });
});

it("the next business day is open, not before, and nothing between is open", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 36_500 }),
      fc.constantFrom(US_FEDERAL, TARGET),
      (days, calendar) => {
        const from = addDays({ year: 2000, month: 1, day: 1 }, days);
        const next = businessDayFrom(calendar, from);
        expect(closedBecause(calendar, next)).toBeNull();
        for (let at = from; dateText(at) < dateText(next); at = addDays(at, 1))
          expect(closedBecause(calendar, at)).not.toBeNull();
        expect(dateText(next) >= dateText(from)).toBe(true);
      },
    ),
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, addMonth, civilTime, dateText, instantAt, weekday } from "./civil-date.ts";

const ZONES = [
  "UTC",
  "America/New_York",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Apia",
];
const iso = (ms: number) => new Date(ms).toISOString();
const at = (year: number, month: number, day: number) => ({ year, month, day });

describe("a time of the wall", () => {
  it("is read back at the instant it was taken from, in every zone, but where it comes twice or is skipped", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2000), max: Date.UTC(2060) }),
        fc.constantFrom(...ZONES),
        (ms, timeZone) => {
          const second = Math.floor(ms / 1000) * 1000;
          const wall = civilTime(second, timeZone);
          const back = instantAt(wall, wall.hour, wall.minute, wall.second, timeZone);
          // The first of two: at most one hour before, and showing the same.
          expect(second - back).toBeGreaterThanOrEqual(0);
          expect(second - back).toBeLessThanOrEqual(3_600_000);
          expect(civilTime(back, timeZone)).toEqual(wall);
        },
      ),
    );
  });

  it("that comes twice is the first, one that is skipped is as if the clocks stood", () => {
    expect(iso(instantAt(at(2026, 11, 1), 1, 30, 0, "America/New_York"))).toBe("2026-11-01T05:30:00.000Z");
    expect(iso(instantAt(at(2026, 3, 8), 2, 30, 0, "America/New_York"))).toBe("2026-03-08T07:30:00.000Z");
    expect(iso(instantAt(at(2026, 3, 29), 12, 0, 0, "Europe/Berlin"))).toBe("2026-03-29T10:00:00.000Z");
    expect(iso(instantAt(at(2026, 3, 28), 12, 0, 0, "Europe/Berlin"))).toBe("2026-03-28T11:00:00.000Z");
  });
});

describe("days and months", () => {
  it.each([
    [at(2026, 1, 31), "2026-02-28"],
    [at(2028, 1, 31), "2028-02-29"],
    [at(2028, 2, 29), "2028-03-29"],
    [at(2026, 12, 31), "2027-01-31"],
    [at(2026, 3, 31), "2026-04-30"],
  ])("a month after %j is %s", (date, next) => expect(dateText(addMonth(date))).toBe(next));

  it("go over the ends of months and years", () => {
    expect(dateText(addDays(at(2026, 12, 31), 1))).toBe("2027-01-01");
    expect(dateText(addDays(at(2028, 3, 1), -1))).toBe("2028-02-29");
    expect(weekday(at(2026, 11, 26))).toBe(4);
  });
});

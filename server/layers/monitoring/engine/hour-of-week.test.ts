import { describe, expect, test } from "vitest";
import { hourName, hourOfWeek } from "./hour-of-week.ts";

const named = (instant: string, zone: string) => hourName(hourOfWeek(Date.parse(instant), zone));

describe("the hour of the week", () => {
  test.each([
    ["2026-11-24T08:05:00Z", "America/New_York", "Tuesday 03:00"],
    ["2026-11-23T00:00:00Z", "UTC", "Monday 00:00"],
    ["2026-11-22T23:59:59Z", "UTC", "Sunday 23:00"],
    ["2026-11-22T20:00:00Z", "Asia/Kolkata", "Monday 01:00"],
    ["1969-12-31T23:00:00Z", "UTC", "Wednesday 23:00"],
  ])("%s in %s is %s", (instant, zone, name) => {
    expect(named(instant, zone)).toBe(name);
  });

  test("the hour that comes twice in autumn is one hour of the week", () => {
    expect(named("2026-11-01T05:30:00Z", "America/New_York")).toBe("Sunday 01:00");
    expect(named("2026-11-01T06:30:00Z", "America/New_York")).toBe("Sunday 01:00");
    expect(named("2026-11-01T07:30:00Z", "America/New_York")).toBe("Sunday 02:00");
  });

  test("the hour that is skipped in spring has no minute, and business hours stay business hours", () => {
    expect(named("2026-03-08T06:59:59Z", "America/New_York")).toBe("Sunday 01:00");
    expect(named("2026-03-08T07:00:00Z", "America/New_York")).toBe("Sunday 03:00");
    expect(named("2026-03-06T14:00:00Z", "America/New_York")).toBe("Friday 09:00");
    expect(named("2026-03-09T13:00:00Z", "America/New_York")).toBe("Monday 09:00");
  });

  // Both changes of 2026 in each zone, to the minute, by the IANA time zone database.
  test.each([
    ["2026-03-29T00:59:59Z", "Europe/London", "Sunday 00:00"],
    ["2026-03-29T01:00:00Z", "Europe/London", "Sunday 02:00"],
    ["2026-10-25T00:59:59Z", "Europe/London", "Sunday 01:00"],
    ["2026-10-25T01:00:00Z", "Europe/London", "Sunday 01:00"],
    ["2026-10-25T02:00:00Z", "Europe/London", "Sunday 02:00"],
    ["2026-03-29T00:59:59Z", "Europe/Berlin", "Sunday 01:00"],
    ["2026-03-29T01:00:00Z", "Europe/Berlin", "Sunday 03:00"],
    ["2026-10-25T00:30:00Z", "Europe/Berlin", "Sunday 02:00"],
    ["2026-10-25T01:30:00Z", "Europe/Berlin", "Sunday 02:00"],
    ["2026-10-03T15:59:59Z", "Australia/Sydney", "Sunday 01:00"],
    ["2026-10-03T16:00:00Z", "Australia/Sydney", "Sunday 03:00"],
    ["2026-04-04T15:30:00Z", "Australia/Sydney", "Sunday 02:00"],
    ["2026-04-04T16:30:00Z", "Australia/Sydney", "Sunday 02:00"],
    // Lord Howe moves by half an hour: 02:00 +10:30 becomes 02:30 +11, and 02:00 +11 becomes 01:30 +10:30.
    ["2026-10-03T15:29:59Z", "Australia/Lord_Howe", "Sunday 01:00"],
    ["2026-10-03T15:30:00Z", "Australia/Lord_Howe", "Sunday 02:00"],
    ["2026-10-03T15:59:59Z", "Australia/Lord_Howe", "Sunday 02:00"],
    ["2026-10-03T16:00:00Z", "Australia/Lord_Howe", "Sunday 03:00"],
    ["2026-04-04T14:59:59Z", "Australia/Lord_Howe", "Sunday 01:00"],
    ["2026-04-04T15:00:00Z", "Australia/Lord_Howe", "Sunday 01:00"],
    ["2026-04-04T15:29:59Z", "Australia/Lord_Howe", "Sunday 01:00"],
    ["2026-04-04T15:30:00Z", "Australia/Lord_Howe", "Sunday 02:00"],
    ["2026-03-29T18:29:59Z", "Asia/Kolkata", "Sunday 23:00"],
    ["2026-03-29T18:30:00Z", "Asia/Kolkata", "Monday 00:00"],
    ["2026-10-25T18:30:00Z", "Asia/Kolkata", "Monday 00:00"],
  ])("%s in %s is %s", (instant, zone, name) => {
    expect(named(instant, zone)).toBe(name);
  });

  test.each([
    ["Europe/London", 60],
    ["Europe/Berlin", 60],
    ["America/New_York", 60],
    ["Australia/Lord_Howe", 30],
    ["Asia/Kolkata", 0],
    ["Asia/Kathmandu", 0],
    ["UTC", 0],
  ])(
    "in %s every hour has its 60 minutes in each week of the year but those of a change, which have %i more or less",
    (zone, change) => {
      const start = Date.parse("2026-01-05T00:00:00Z");
      const odd: number[] = [];
      for (let week = 0; week < 52; week++) {
        const minutes = new Array<number>(168).fill(0);
        for (let minute = 0; minute < 7 * 24 * 60; minute++) {
          const hour = hourOfWeek(start + (week * 7 * 24 * 60 + minute) * 60_000, zone);
          minutes[hour] = (minutes[hour] ?? 0) + 1;
        }
        const wrong = minutes.map((n) => n - 60).filter((n) => n !== 0);
        odd.push(...wrong.map(Math.abs));
        expect(minutes.reduce((a, b) => a + b)).toBe(7 * 24 * 60);
      }
      if (change === 0) expect(odd).toEqual([]);
      else expect(new Set(odd)).toEqual(new Set([change]));
    },
  );
});

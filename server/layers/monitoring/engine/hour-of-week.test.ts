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
});

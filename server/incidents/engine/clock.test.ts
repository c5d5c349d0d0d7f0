import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alarmsDue, alarmsOf, clockRule, clockStatus, dueAt } from "./clock.ts";

const due = (anchor: string) => dueAt("us-36h", "determined", new Date(anchor)).toISOString();
const at = (text: string) => new Date(text);
const inZone = (date: Date, timeZone: string) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(date);

describe("36 elapsed hours", () => {
  test("across the start of DST: Saturday 20:00 EST is due Monday 09:00 EDT, not 08:00", () => {
    expect(due("2026-03-07T20:00:00-05:00")).toBe("2026-03-09T13:00:00.000Z");
    expect(inZone(at("2026-03-09T13:00:00Z"), "America/New_York")).toBe("2026-03-09 09:00:00");
  });

  test("in the spring of 2027: 13 March 18:00 in New York is due 15 March 07:00, not 06:00", () => {
    const result = dueAt("us-36h", "determined", at("2027-03-13T18:00:00-05:00"));
    expect(inZone(result, "America/New_York")).toBe("2027-03-15 07:00:00");
  });

  test("across the end of DST: the hour that comes twice counts twice", () => {
    const result = dueAt("us-36h", "determined", at("2026-10-31T20:00:00-04:00"));
    expect(inZone(result, "America/New_York")).toBe("2026-11-02 07:00:00");
  });

  test.each([
    ["a weekend and a holiday do not stop it", "2026-11-26T09:00:00Z", "2026-11-27T21:00:00.000Z"],
    ["a month's end", "2026-01-30T20:00:00Z", "2026-02-01T08:00:00.000Z"],
    ["29 February", "2028-02-28T12:00:00Z", "2028-03-01T00:00:00.000Z"],
    ["no 29 February", "2027-02-27T12:00:00Z", "2027-03-01T00:00:00.000Z"],
    ["a year's end", "2026-12-31T23:59:59.999Z", "2027-01-02T11:59:59.999Z"],
  ])("%s", (_, anchor, expected) => {
    expect(due(anchor)).toBe(expected);
  });

  test("it is always 36 hours, whatever the instant", () => {
    fc.assert(
      fc.property(
        fc.date({ min: at("2022-05-01T00:00:00Z"), max: at("2100-01-01T00:00:00Z"), noInvalidDate: true }),
        (anchor) => {
          expect(dueAt("us-36h", "determined", anchor).getTime() - anchor.getTime()).toBe(36 * 3_600_000);
        },
      ),
    );
  });

  test("no other event starts it: neither detection nor a score", () => {
    for (const event of ["detected", "occurred", "contained", "notified", ""])
      expect(() => dueAt("us-36h", event, at("2026-01-01T00:00:00Z"))).toThrow(/from nothing else/);
  });

  test("an unknown regime and a broken instant are refused", () => {
    expect(() => clockRule("us-72h")).toThrow(/us-36h/);
    expect(() => clockRule("constructor")).toThrow(/keeps no clock/);
    expect(() => dueAt("us-36h", "determined", new Date(Number.NaN))).toThrow(/not an instant/);
  });
});

describe("where it stands", () => {
  const clock = { status: "running", dueAt: at("2026-03-09T13:00:00Z"), receivedAt: null as Date | null };
  const anchorAt = at("2026-03-08T01:00:00Z");

  test.each([
    ["at T+35:59:59 it runs", "2026-03-09T12:59:59Z", "running"],
    ["at T+36:00:00 the last second counts", "2026-03-09T13:00:00Z", "running"],
    ["at T+36:00:01 it is overdue", "2026-03-09T13:00:01Z", "overdue"],
  ])("%s", (_, now, expected) => {
    expect(clockStatus(clock, at(now))).toBe(expected);
  });

  test("receipt stops it, in time or late, whenever it is looked at", () => {
    const inTime = { ...clock, status: "received", receivedAt: clock.dueAt };
    const late = { ...clock, status: "received", receivedAt: at("2026-03-09T13:00:01Z") };
    for (const now of ["2026-03-09T12:00:00Z", "2027-01-01T00:00:00Z"]) {
      expect(clockStatus(inTime, at(now))).toBe("received");
      expect(clockStatus(late, at(now))).toBe("received-late");
    }
  });

  test("alarms stand at 24, 12, 4 and 1 hours left and at the deadline", () => {
    expect(
      alarmsOf({ anchorAt, dueAt: clock.dueAt }).map(({ hoursLeft, at: when }) => [
        hoursLeft,
        when.toISOString(),
      ]),
    ).toEqual([
      [24, "2026-03-08T13:00:00.000Z"],
      [12, "2026-03-09T01:00:00.000Z"],
      [4, "2026-03-09T09:00:00.000Z"],
      [1, "2026-03-09T12:00:00.000Z"],
      [0, "2026-03-09T13:00:00.000Z"],
    ]);
  });

  test("each is due from its instant on, the last when the deadline has passed", () => {
    const dueNow = (now: string) => alarmsDue({ anchorAt, dueAt: clock.dueAt }, at(now));
    expect(dueNow("2026-03-08T12:59:59.999Z")).toEqual([]);
    expect(dueNow("2026-03-08T13:00:00Z")).toEqual([24]);
    expect(dueNow("2026-03-09T12:00:00Z")).toEqual([24, 12, 4, 1]);
    expect(dueNow("2026-03-09T13:00:00Z")).toEqual([24, 12, 4, 1]);
    expect(dueNow("2026-03-09T13:00:00.001Z")).toEqual([24, 12, 4, 1, 0]);
  });

  test("a clock of less than a day has the alarms that are shorter than itself, and at 50, 80 and 95 %", () => {
    const short = { anchorAt, dueAt: new Date(anchorAt.getTime() + 4 * 3_600_000) };
    expect(alarmsOf(short).map(({ hoursLeft }) => hoursLeft)).toEqual([2, 1, 0.8, 0.2, 0]);
    expect(alarmsDue(short, new Date(anchorAt.getTime() + 2 * 3_600_000))).toEqual([2]);
  });
});

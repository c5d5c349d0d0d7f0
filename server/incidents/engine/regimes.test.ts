import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dueOf, REGIMES } from "./clock.ts";
import { CLOCK_RULES } from "./clock-rules.ts";

const due = (regime: string, anchors: Record<string, string>) =>
  dueOf(regime, Object.fromEntries(Object.entries(anchors).map(([event, at]) => [event, new Date(at)])))
    .dueAt.toISOString()
    .replace(".000Z", "Z");

// Dates worked out by hand from the rules and a calendar.
describe("SEC: four business days, EDGAR's day ends at 17:30 in New York", () => {
  test.each([
    ["a Monday is not counted", "2026-03-02T15:00:00Z", "2026-03-06T22:30:00Z"],
    ["the last second of a Friday in New York", "2026-11-20T23:59:59-05:00", "2026-11-27T22:30:00Z"],
    [
      "a Saturday: begins with Monday, Thanksgiving is skipped",
      "2026-11-21T15:00:00Z",
      "2026-11-27T22:30:00Z",
    ],
    ["a Sunday", "2026-11-22T12:00:00-05:00", "2026-11-27T22:30:00Z"],
    ["late on Sunday in UTC is Sunday in New York still", "2026-11-23T03:00:00Z", "2026-11-27T22:30:00Z"],
    ["Thanksgiving itself: begins with Friday", "2026-11-26T15:00:00Z", "2026-12-02T22:30:00Z"],
    ["after 17:30 it is the same day still", "2026-03-02T23:00:00Z", "2026-03-06T22:30:00Z"],
    [
      "across the start of DST: the end moves on the line of UTC",
      "2026-03-05T15:00:00Z",
      "2026-03-11T21:30:00Z",
    ],
    ["across the end of DST", "2026-10-29T15:00:00Z", "2026-11-04T22:30:00Z"],
    ["Independence Day on a Saturday is kept on Friday", "2026-06-30T15:00:00Z", "2026-07-07T21:30:00Z"],
    ["Christmas and New Year", "2026-12-23T15:00:00Z", "2026-12-30T22:30:00Z"],
    ["a New Year's Day that is kept in the old year", "2027-12-29T15:00:00Z", "2028-01-05T22:30:00Z"],
    ["a month's end in a leap year", "2028-02-25T15:00:00Z", "2028-03-02T22:30:00Z"],
  ])("%s", (_, determined, expected) => expect(due("sec-8k", { determined })).toBe(expected));
});

describe("DORA initial: four hours from classification, 24 from awareness", () => {
  test.each([
    ["within both", "2026-03-27T10:00:00Z", "2026-03-27T12:00:00Z", "2026-03-27T16:00:00Z"],
    [
      "the 24 hours win, on a Saturday as on any day",
      "2026-03-27T10:00:00Z",
      "2026-03-28T08:00:00Z",
      "2026-03-28T10:00:00Z",
    ],
    [
      "classified in the last second of them",
      "2026-03-27T10:00:00Z",
      "2026-03-28T10:00:00Z",
      "2026-03-28T10:00:00Z",
    ],
    [
      "classified after them: four hours from then",
      "2026-03-27T10:00:00Z",
      "2026-03-28T10:00:01Z",
      "2026-03-28T14:00:01Z",
    ],
    [
      "over the start of summer time",
      "2026-03-28T22:00:00+01:00",
      "2026-03-29T01:00:00+01:00",
      "2026-03-29T04:00:00Z",
    ],
    ["over its end", "2026-10-24T23:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T04:00:00Z"],
  ])("%s", (_, aware, classified, expected) =>
    expect(due("dora-initial", { aware, classified })).toBe(expected),
  );

  test("a classification before awareness is refused", () =>
    expect(() =>
      due("dora-initial", { aware: "2026-03-02T00:00:00Z", classified: "2026-03-01T00:00:00Z" }),
    ).toThrow(/"classified" cannot be before "aware"/));
});

describe("DORA intermediate: 72 hours from the initial notification, weekends and holidays or not", () => {
  test.each([
    ["a Friday", "2026-04-03T09:00:00Z", "2026-04-06T09:00:00Z"],
    ["over the start of summer time", "2026-03-27T10:00:00+01:00", "2026-03-30T11:00:00+02:00"],
    ["29 February", "2028-02-27T12:00:00Z", "2028-03-01T12:00:00Z"],
  ])("%s", (_, submitted, expected) =>
    expect(due("dora-intermediate", { submitted })).toBe(
      new Date(expected).toISOString().replace(".000Z", "Z"),
    ),
  );
});

describe("DORA final: one month, and noon of the next working day where that is closed", () => {
  test.each([
    ["the same time of day", "2026-04-15T09:30:00Z", "2026-05-15T09:30:00Z"],
    ["of the authority's clocks: summer time began between", "2026-03-10T09:00:00Z", "2026-04-10T08:00:00Z"],
    ["and ended between", "2026-10-12T08:00:00Z", "2026-11-12T09:00:00Z"],
    ["no 31st: the last day", "2026-05-31T09:00:00Z", "2026-06-30T09:00:00Z"],
    ["29 February", "2028-01-31T10:00:00Z", "2028-02-29T10:00:00Z"],
    ["a Saturday", "2026-01-31T15:00:00Z", "2026-03-02T11:00:00Z"],
    ["a Sunday in summer", "2026-05-14T15:00:00Z", "2026-06-15T10:00:00Z"],
    ["Good Friday: over Easter to Tuesday", "2026-03-03T15:00:00Z", "2026-04-07T10:00:00Z"],
    ["1 May", "2026-04-01T15:00:00Z", "2026-05-04T10:00:00Z"],
    ["Christmas on a Friday, then a weekend", "2026-11-25T15:00:00Z", "2026-12-28T11:00:00Z"],
    ["New Year", "2026-12-01T15:00:00Z", "2027-01-04T11:00:00Z"],
    [
      "late in the evening in UTC is the next day in Frankfurt",
      "2026-04-15T22:30:00Z",
      "2026-05-18T10:00:00Z",
    ],
  ])("%s", (_, submitted, expected) => expect(due("dora-final", { submitted })).toBe(expected));
});

describe("elapsed hours", () => {
  const friday = "2026-03-06T23:30:00Z";
  test.each([
    ["nydfs-72h", "determined", friday, "2026-03-09T23:30:00Z"],
    ["nydfs-72h", "determined", "2026-11-25T18:00:00Z", "2026-11-28T18:00:00Z"],
    ["nydfs-24h", "paid", "2026-03-07T20:00:00-05:00", "2026-03-09T01:00:00Z"],
    ["nydfs-24h", "paid", "2026-10-31T20:00:00-04:00", "2026-11-02T00:00:00Z"],
    ["gdpr-33", "aware", "2026-03-27T15:00:00Z", "2026-03-30T15:00:00Z"],
    ["gdpr-33", "aware", "2026-12-24T10:00:00Z", "2026-12-27T10:00:00Z"],
    ["ncua-72h", "aware", "2028-02-27T00:00:00Z", "2028-03-01T00:00:00Z"],
  ])("%s from %s at %s", (regime, event, at, expected) =>
    expect(due(regime, { [event]: at })).toBe(expected),
  );
});

describe("any regime", () => {
  const instants = fc.integer({ min: Date.UTC(2025, 1), max: Date.UTC(2060) });
  const dueMs = (regime: string, at: number[]) => {
    const events = CLOCK_RULES.find((rule) => rule.regime === regime)?.events ?? [];
    return dueOf(
      regime,
      Object.fromEntries(events.map((event, i) => [event, new Date(at[i] ?? 0)])),
    ).dueAt.getTime();
  };

  test("is never earlier after a correction that moves its last event later, but for the time of a day", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...REGIMES),
        instants,
        fc.nat({ max: 40 * 86_400_000 }),
        fc.nat({ max: 40 * 86_400_000 }),
        (regime, first, wait, later) => {
          const before = dueMs(regime, [first, first + wait].slice(regime === "dora-initial" ? 0 : 1));
          const after = dueMs(regime, [first, first + wait + later].slice(regime === "dora-initial" ? 0 : 1));
          // A month's end and a weekend keep or set the time of day: there the day alone cannot move back.
          const slack = regime === "dora-final" ? 86_400_000 : 0;
          expect(after).toBeGreaterThanOrEqual(before - slack);
        },
      ),
    );
  });

  test("is due after its events, whatever they are", () => {
    fc.assert(
      fc.property(fc.constantFrom(...REGIMES), instants, (regime, at) => {
        expect(dueMs(regime, [at, at])).toBeGreaterThan(at);
      }),
    );
  });

  test("says what it needs, what it does not know, and what is not law", () => {
    expect(() => due("dora-initial", { aware: "2026-03-01T00:00:00Z" })).toThrow(
      /the event "classified" is missing/,
    );
    expect(() => due("sec-8k", { aware: "2026-03-01T00:00:00Z" })).toThrow(/from nothing else/);
    expect(() => due("circia-72h", { aware: "2026-03-01T00:00:00Z" })).toThrow(/switched off/);
    expect(() => due("dora-final", { submitted: "2024-12-01T00:00:00Z" })).toThrow(/law from 2025-01-17 on/);
    expect(() => due("gdpr-33", { aware: "nonsense" })).toThrow(/not an instant/);
    expect(() => due("sec-8k", { determined: "+275760-09-12T00:00:00Z" })).toThrow(
      /not an instant within reach/,
    );
    expect(REGIMES).not.toContain("circia-72h");
  });

  test("gives its working in sentences, and its rule's version, basis and recipient", () => {
    for (const regime of REGIMES) {
      const events = CLOCK_RULES.find((rule) => rule.regime === regime)?.events ?? [];
      const anchors = Object.fromEntries(events.map((event) => [event, new Date("2026-03-07T12:00:00Z")]));
      const { rule, steps } = dueOf(regime, anchors);
      for (const said of steps) expect(said).toMatch(/^[A-Z0-9].*\.$/s);
      for (const text of [rule.version, rule.basis, rule.recipient, rule.notes])
        expect(text.length).toBeGreaterThan(4);
    }
  });
});

test("the zone of the machine changes nothing", () => {
  const zone = process.env.TZ;
  const all = () => [
    due("sec-8k", { determined: "2026-11-21T04:30:00Z" }),
    due("dora-final", { submitted: "2026-04-15T22:30:00Z" }),
    due("us-36h", { determined: "2026-03-07T20:00:00-05:00" }),
  ];
  const expected = all();
  try {
    for (const other of ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"]) {
      process.env.TZ = other;
      expect(all()).toEqual(expected);
    }
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

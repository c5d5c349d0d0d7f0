import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Contribution, type FeatureKey, RESPONSE_THRESHOLDS } from "../schema.ts";
import {
  ALLOWANCE_MAX,
  ATTACK_MS,
  applyAllowances,
  LESSON_MS,
  type Lesson,
  learnAllowances,
} from "./allowance.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const DAY = 86_400_000;
let count = 0;
const lesson = (as: Partial<Lesson> = {}): Lesson => ({
  ...{ alertId: `alert-${count++}`, feature: "dataMegabytes", disposition: "false-positive" },
  ...{ value: 50, person: "ana@bank.example", atMs: NOW - DAY },
  ...as,
});
const THREE = () => [
  lesson(),
  lesson({ person: "ben@bank.example", atMs: NOW - 2 * DAY }),
  lesson({ atMs: NOW - 3 * DAY }),
];
const cause = (as: Partial<Contribution> = {}): Contribution => ({
  ...{ feature: "dataMegabytes", value: 50, expected: { low: 0, high: 10, typical: 5 }, deviations: 8 },
  ...{ share: 1, flag: "alert", words: "" },
  ...as,
});
const data = (lessons: readonly Lesson[], nowMs = NOW) =>
  learnAllowances(lessons, nowMs).find(({ feature }) => feature === "dataMegabytes");
const scored = (lessons: readonly Lesson[], contributions = [cause()], score = 0.95) =>
  applyAllowances({ score, contributions }, learnAllowances(lessons, NOW));

describe("what verdicts allow", () => {
  it("is nothing for an attack that was closed as benign once, or by one person, or on one day", () => {
    expect(data([lesson({ disposition: "benign" })])).toMatchObject({ counts: false, points: 0 });
    expect(data(THREE().map((one) => ({ ...one, person: "ana@bank.example" })))?.counts).toBe(false);
    expect(data(THREE().map((one) => ({ ...one, atMs: NOW - DAY })))?.counts).toBe(false);
    expect(scored([lesson({ disposition: "benign" })]).score).toBe(0.95);
  });

  it("is one step after three by two people on two days, and says why", () => {
    const allowance = data(THREE());
    expect(allowance).toMatchObject({
      counts: true,
      points: 0.05,
      verdicts: 3,
      people: 2,
      days: 3,
      valueMax: 50,
    });
    expect(allowance?.words).toContain("3 false alarms by 2 people on 3 days");
    expect(scored(THREE())).toMatchObject({
      score: 0.9,
      checks: [{ id: "allowance-dataMegabytes", passed: true, detail: expect.stringContaining("0.050") }],
    });
  });

  it("cannot exceed its bound by fifty false positives", () => {
    const fifty = Array.from({ length: 50 }, (_, i) =>
      lesson({ person: `p${i}@bank.example`, atMs: NOW - (i % 20) * DAY }),
    );
    expect(data(fifty)?.points).toBe(ALLOWANCE_MAX);
    expect(scored(fifty, [cause()], 0.99).score).toBe(0.84);
  });

  it("counts an alert once, by its latest verdict", () => {
    const same = THREE().map((one) => ({ ...one, alertId: "one" }));
    expect(data(same)).toMatchObject({ verdicts: 1, counts: false });
    const [first, ...others] = THREE();
    const turned = lesson({ alertId: first?.alertId ?? "", disposition: "true-positive", atMs: NOW });
    expect(data([...(first ? [first] : []), ...others, turned])).toMatchObject({
      verdicts: 2,
      attackFrom: 50,
    });
  });

  it("expires after thirty days to the millisecond, and counts no verdict that lies ahead: a clock that was set back", () => {
    const old = THREE().map((one) => ({ ...one, atMs: one.atMs - LESSON_MS + 3 * DAY }));
    const last = Math.min(...old.map(({ atMs }) => atMs));
    expect(data(old, last + LESSON_MS - 1)?.counts).toBe(true);
    expect(data(old, last + LESSON_MS)?.counts ?? false).toBe(false);
    expect(data(THREE(), NOW - 10 * DAY)).toBeUndefined();
  });

  it("never lowers what an attack showed, whatever else is in the window, for as long as attacks are remembered", () => {
    const attack = lesson({ disposition: "true-positive", value: 40, atMs: NOW - 100 * DAY });
    expect(scored([...THREE(), attack])).toMatchObject({ score: 0.95, checks: [{ passed: false }] });
    expect(scored([...THREE(), attack], [cause({ value: 39 })]).score).toBe(0.9);
    const other = lesson({ feature: "uniqueEndpoints", disposition: "true-positive", value: 9 });
    const both = [cause({ share: 0.9 }), cause({ feature: "uniqueEndpoints", value: 9, share: 0.1 })];
    expect(scored([...THREE(), other], both).score).toBe(0.95);
    expect(scored([...THREE(), { ...attack, atMs: NOW - ATTACK_MS }]).score).toBe(0.9);
  });

  it("does not reach beyond what was judged, and is weighed by the part that its cause has", () => {
    expect(scored(THREE(), [cause({ value: 50.01 })])).toMatchObject({
      score: 0.95,
      checks: [{ passed: false }],
    });
    expect(
      scored(THREE(), [cause({ share: 0.5 }), cause({ feature: "uniqueEndpoints", share: 0.5 })]).score,
    ).toBe(0.925);
    expect(scored(THREE(), [cause({ feature: "uniqueEndpoints" })])).toEqual({ score: 0.95, checks: [] });
  });

  it("whatever the verdicts: never more than the bound, never upwards, and never past one level", () => {
    const lessons = fc.array(
      fc.record<Lesson>({
        alertId: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
        feature: fc.constantFrom<FeatureKey>("dataMegabytes", "apiCallsPerMinute", "uniqueEndpoints"),
        disposition: fc.constantFrom("true-positive", "false-positive", "benign"),
        value: fc.double({ min: 0, max: 100, noNaN: true }),
        person: fc.constantFrom("a@b", "c@d", "e@f"),
        atMs: fc.integer({ min: NOW - 200 * DAY, max: NOW + DAY }),
      }),
      { maxLength: 60 },
    );
    const contributions = fc.array(
      fc.record({
        feature: fc.constantFrom<FeatureKey>("dataMegabytes", "apiCallsPerMinute", "uniqueEndpoints"),
        value: fc.double({ min: 0, max: 100, noNaN: true }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { maxLength: 3 },
    );
    const level = (score: number) => Object.values(RESPONSE_THRESHOLDS).filter((edge) => score > edge).length;
    fc.assert(
      fc.property(lessons, contributions, fc.integer({ min: 0, max: 10_000 }), (all, causes, raw) => {
        const score = raw / 10_000;
        const lowered = scored(
          all,
          causes.map((one) => cause(one)),
          score,
        ).score;
        expect(lowered).toBeLessThanOrEqual(score);
        expect(lowered).toBeGreaterThanOrEqual(Math.max(0, score - ALLOWANCE_MAX) - 1e-4);
        expect(level(score) - level(lowered)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

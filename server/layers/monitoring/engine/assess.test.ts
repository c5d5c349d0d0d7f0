import { describe, expect, test } from "vitest";
import { usualWeeks } from "../testing/usual-weeks.ts";
import { type AgentStanding, assess } from "./assess.ts";
import { learnBaseline } from "./baseline.ts";
import { emptySlice, foldAction, type Slice } from "./slice.ts";

const T = Date.parse("2026-11-24T10:30:00Z");
const usual = learnBaseline(
  usualWeeks({ weeks: 3, fromMs: Date.parse("2026-11-02T00:00:00Z"), timeZone: "UTC" }),
  "UTC",
);
const standing: AgentStanding = { baseline: usual, learning: "", response: null, contained: false };

const NAMES = ["transactions.read", "score.compute", "alerts.create"];
/** Ten seconds of an agent: so many calls of 167 kB in the usual order. */
function tenSeconds(calls: number, sliceMs: number): Slice {
  const slice = emptySlice();
  for (let i = 0; i < calls; i++)
    foldAction(slice, {
      action: NAMES[i % 3] ?? "",
      atMs: sliceMs + i,
      endpoint: `/v1/${i % 5}`,
      bytes: 167_000,
      sourceIp: "10.1.2.3",
      refused: false,
    });
  return slice;
}
const slicesFrom = (counts: number[], fromMs = T) =>
  new Map(counts.map((calls, i) => [fromMs + i * 10_000, tenSeconds(calls, fromMs + i * 10_000)]));

describe("assess", () => {
  test("a usual minute is answered by nothing", () => {
    const result = assess(standing, slicesFrom([17, 16, 17, 17, 16, 17]), [T + 50_000], T + 61_000);
    expect(result.decision.outcome).toBe("none");
    expect(result.minutes).toMatchObject([{ atMs: T + 60_000, excluded: false }]);
  });

  test("a burst is contained at its first ten seconds, not at the end of the minute", () => {
    const result = assess(standing, slicesFrom([17, 17, 17, 1_500]), [T + 30_000], T + 35_000);
    expect(result).toMatchObject({
      windowEndMs: T + 40_000,
      decision: { outcome: "contain", changed: true },
    });
    expect(result.minutes).toMatchObject([{ atMs: T + 60_000, excluded: true }]);
    expect(result.minutes[0]?.score).toBe(result.score);
  });

  test("a late slice rescores every window that it is part of", () => {
    const slices = slicesFrom([17, 17, 1_500, 17, 17, 17, 17, 17, 17, 17]);
    const result = assess(standing, slices, [T + 20_000], T + 120_000);
    expect(result.decision.outcome).toBe("contain");
    expect(result.minutes.map(({ atMs }) => atMs)).toEqual([T + 60_000, T + 120_000]);
  });

  test("what the agent says of the future is judged now", () => {
    expect(assess(standing, slicesFrom([1_500], T + 240_000), [T + 240_000], T).decision.outcome).toBe(
      "contain",
    );
  });

  test("silence scores 0, which lets a response end", () => {
    const response = { level: "record" as const, sinceMs: T - 600_000, calmSinceMs: T - 300_000 };
    const result = assess({ ...standing, response }, new Map(), [], T);
    expect(result).toMatchObject({ score: 0, windowEndMs: null, minutes: [], decision: { outcome: "none" } });
  });

  test("an agent that is learning has no score stored, fixed limits only, and is not contained", () => {
    const result = assess(
      { ...standing, baseline: null, learning: "learning: 3 of 2000" },
      slicesFrom([4_000]),
      [T],
      T,
    );
    expect(result.decision.outcome).toBe("limit");
    expect(result.minutes[0]).toMatchObject({ score: null, excluded: true });
    expect(result.contributions[0]?.words).toContain("learning: 3 of 2000");
  });

  test("what verdicts allow is taken off before the thresholds, told as a check, and leaves the minute as measured", () => {
    const burst = slicesFrom([17, 17, 17, 1_500]);
    const measured = assess(standing, burst, [T + 30_000], T + 35_000);
    const allowances = measured.contributions.map(({ feature, value }) => ({
      ...{ feature, points: 0.15, valueMax: value, attackFrom: null, verdicts: 5, people: 2, days: 3 },
      ...{ endsMs: null, counts: true, words: "five false alarms" },
    }));
    const allowed = assess({ ...standing, allowances }, burst, [T + 30_000], T + 35_000);
    expect(allowed.score).toBeLessThan(measured.score);
    expect(measured.score - allowed.score).toBeLessThanOrEqual(0.1501);
    expect(allowed.decision.outcome).toBe("limit");
    expect(allowed.decision.checks.map(({ id }) => id)).toContain("allowance-apiCallsPerMinute");
    expect(allowed.minutes).toEqual(measured.minutes);
    expect(allowed.containing).toEqual([]);
    expect(measured.containing?.[0]?.score).toBe(measured.score);
  });
});

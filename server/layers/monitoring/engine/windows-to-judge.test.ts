import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Contribution } from "../schema.ts";
import { usualWeeks } from "../testing/usual-weeks.ts";
import { type AgentStanding, assess, type MinuteRow } from "./assess.ts";
import { learnBaseline } from "./baseline.ts";
import { type ActionFacts, emptySlice, foldAction, mergeSlices, type Slice } from "./slice.ts";
import { endsOf, isAnswered, type ScoredMinute } from "./windows-to-judge.ts";

const T = Date.parse("2026-11-24T10:30:00Z");
const usual = learnBaseline(
  usualWeeks({ weeks: 3, fromMs: Date.parse("2026-11-02T00:00:00Z"), timeZone: "UTC" }),
  "UTC",
);
const standing: AgentStanding = { baseline: usual, learning: "", response: null, contained: false };
const slices = (...at: number[]) => new Map(at.map((seconds) => [T + seconds * 1_000, emptySlice()]));
const seconds = (ends: number[]) => ends.map((ms) => (ms - T) / 1_000);

describe("the windows that give a minute its score", () => {
  test("every window of a changed minute that ends with a slice, and the full minute", () => {
    expect(seconds(endsOf(slices(0, 20), [T + 20_000]))).toEqual([10, 30, 60]);
  });

  test("a slice weighs on the next minute, too, where that has traffic", () => {
    expect(seconds(endsOf(slices(30, 70, 100), [T + 30_000]))).toEqual([40, 60, 80, 110, 120]);
    expect(seconds(endsOf(slices(30), [T + 30_000]))).toEqual([40, 60]);
  });

  test("minutes between that had no traffic are not made up", () => {
    expect(seconds(endsOf(slices(0, 300), [T, T + 300_000]))).toEqual([10, 60, 310, 360]);
    expect(endsOf(new Map(), [])).toEqual([]);
  });
});

type Given = ActionFacts & { gateway: number };
const action: fc.Arbitrary<Given> = fc.record({
  action: fc.constantFrom("transactions.read", "score.compute", "alerts.create", "customers.export"),
  atMs: fc.integer({ min: T, max: T + 239_999 }),
  endpoint: fc.constantFrom("/v1/0", "/v1/1", "/v1/2", "/v1/9"),
  bytes: fc.constantFrom(0, 167_000, 40_000_000),
  sourceIp: fc.constantFrom("10.1.2.3", "198.51.100.7"),
  refused: fc.boolean(),
  gateway: fc.integer({ min: 0, max: 2 }),
});

/** What the gateways counted, each its own; the worker gets these in some order. */
function deltasOf(actions: readonly Given[]): { sliceMs: number; slice: Slice }[] {
  const found = new Map<string, { sliceMs: number; slice: Slice }>();
  for (const facts of actions) {
    const sliceMs = facts.atMs - (facts.atMs % 10_000);
    const key = `${facts.gateway}/${sliceMs}`;
    const delta = found.get(key) ?? { sliceMs, slice: emptySlice() };
    foldAction(delta.slice, facts);
    found.set(key, delta);
  }
  return [...found.values()];
}

/** Folds and scores in these parts, and keeps the minutes as the database does. */
function scoreInParts(parts: { sliceMs: number; slice: Slice }[][]): Map<number, MinuteRow> {
  const stored = new Map<number, Slice>();
  const rows = new Map<number, MinuteRow>();
  for (const part of parts) {
    for (const { sliceMs, slice } of part) {
      const before = stored.get(sliceMs);
      stored.set(sliceMs, before ? mergeSlices(before, slice) : slice);
    }
    const changed = [...new Set(part.map(({ sliceMs }) => sliceMs))];
    if (changed.length === 0) continue;
    for (const row of assess(standing, stored, changed, T + 240_000).minutes) rows.set(row.atMs, row);
  }
  return rows;
}
const withoutVerdicts = (rows: Map<number, MinuteRow>) =>
  [...rows]
    .map(([atMs, { features, score, contributions }]) => ({ atMs, features, score, contributions }))
    .sort((a, b) => a.atMs - b.atMs);

describe("one score for each minute", () => {
  test("whatever the order and the parts in which counts arrive, each minute ends with the score of one run", () => {
    const given = fc.array(action, { minLength: 1, maxLength: 60 }).map(deltasOf);
    const arrival = fc.array(fc.nat(), { minLength: 80, maxLength: 80 });
    fc.assert(
      fc.property(given, arrival, fc.integer({ min: 1, max: 9 }), (deltas, order, size) => {
        const shuffled = deltas
          .map((delta, i) => ({ delta, place: order[i % order.length] ?? 0 }))
          .sort((a, b) => a.place - b.place)
          .map(({ delta }) => delta);
        const parts: (typeof deltas)[] = [];
        for (let i = 0; i < shuffled.length; i += size) parts.push(shuffled.slice(i, i + size));
        expect(withoutVerdicts(scoreInParts(parts))).toEqual(withoutVerdicts(scoreInParts([deltas])));
      }),
      { numRuns: 60 },
    );
  });

  test("calls of all minutes add up to the actions, however many gateways counted them", () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 60 }), (actions) => {
        const one = actions.map((facts) => ({ ...facts, gateway: 0 }));
        const several = scoreInParts([deltasOf(actions)]);
        const calls = [...several.values()].reduce((sum, row) => sum + row.features.apiCallsPerMinute, 0);
        expect(calls).toBe(actions.length);
        const volumes = (rows: Map<number, MinuteRow>) =>
          withoutVerdicts(rows).map(({ atMs, features: f }) => [
            ...[atMs, f.apiCallsPerMinute, f.dataMegabytes, f.uniqueEndpoints, f.refusedRatio, f.networks],
          ]);
        expect(volumes(several)).toEqual(volumes(scoreInParts([deltasOf(one)])));
      }),
      { numRuns: 60 },
    );
  });
});

describe("what is answered", () => {
  const NOW = T + 600_000;
  const flagged = (feature: Contribution["feature"]): Contribution => ({
    ...{ feature, value: 1, expected: { low: 0, high: 0, typical: 0 }, deviations: 5, share: 1 },
    ...{ flag: "alert", words: "" },
  });
  const past = (score: number, before?: ScoredMinute, contributions: Contribution[] = []) =>
    isAnswered(
      { endMs: T + 60_000, score, contributions },
      { changedMs: [T + 30_000], scored: new Map(before ? [[T + 60_000, before]] : []), nowMs: NOW },
    );

  test("what happens now always is, and a window without a changed slice never", () => {
    const now = { endMs: NOW, score: 0.1, contributions: [] };
    expect(isAnswered(now, { changedMs: [NOW - 10_000], scored: undefined, nowMs: NOW })).toBe(true);
    expect(isAnswered(now, { changedMs: [NOW], scored: undefined, nowMs: NOW })).toBe(false);
    expect(isAnswered(now, { changedMs: [NOW - 70_000], scored: undefined, nowMs: NOW })).toBe(false);
  });

  test("a past minute that was never scored is answered where it passes the first line", () => {
    expect(past(0.51)).toBe(true);
    expect(past(0.5)).toBe(false);
  });

  test("a past minute is answered again only where it is worse than before", () => {
    expect(past(0.8, { score: 0.8, flagged: [] })).toBe(false);
    expect(past(0.79, { score: 0.8, flagged: [] })).toBe(false);
    expect(past(0.81, { score: 0.8, flagged: [] })).toBe(true);
  });

  test("of an agent without a baseline, where another limit is passed", () => {
    const before: ScoredMinute = { score: null, flagged: ["apiCallsPerMinute"] };
    expect(past(0.75, before, [flagged("apiCallsPerMinute")])).toBe(false);
    expect(past(0.8, before, [flagged("apiCallsPerMinute"), flagged("dataMegabytes")])).toBe(true);
  });

  test("a late slice of a minute that was answered leaves the response as it is", () => {
    const calm = { level: "limit" as const, sinceMs: T, calmSinceMs: NOW - 200_000 };
    const stored = new Map([[T, deltaOf(900)]]);
    const scored = new Map([[T + 60_000, { score: 1, flagged: [] }]]);
    const late = assess({ ...standing, response: calm, scored }, stored, [T], NOW);
    expect(late).toMatchObject({ held: true, minutes: [{ atMs: T + 60_000, excluded: true }] });
    expect(assess({ ...standing, response: calm }, stored, [T], NOW).held).toBe(false);
  });
});

function deltaOf(calls: number): Slice {
  const slice = emptySlice();
  for (let i = 0; i < calls; i++)
    foldAction(slice, { action: "transactions.read", atMs: T + i, bytes: 9_000_000, refused: false });
  return slice;
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FRESH_MS_MAX, RUN_MS_MAX, type SaidOfDuty, scoringLagOf } from "./scoring-lag.ts";

const NOW = Date.parse("2026-11-25T10:00:00Z");
const said = (duty: SaidOfDuty["duty"], more: Partial<SaidOfDuty> = {}): SaidOfDuty => ({
  duty,
  state: "running",
  lastRunAtMs: NOW - 200,
  lagMs: 100,
  waiting: 0,
  lastError: null,
  ...more,
});
const fold = (more: Partial<SaidOfDuty> = {}) => said("fold-windows", more);
const score = (more: Partial<SaidOfDuty> = {}) => said("score-windows", more);

describe("how far scoring is behind", () => {
  test("what waits may have waited in both duties", () => {
    expect(scoringLagOf([fold({ lagMs: 180 }), score({ lagMs: 900 })], NOW)).toMatchObject({
      state: "fresh",
      lagMs: 1_080,
      foldMs: 180,
      scoreMs: 900,
      since: null,
      words: "scoring is 1080 ms behind",
    });
  });

  test("fresh to 5 s, behind beyond", () => {
    const at = (lagMs: number) => scoringLagOf([fold({ lagMs, lastRunAtMs: NOW }), score({ lagMs: 0 })], NOW);
    expect(at(FRESH_MS_MAX).state).toBe("fresh");
    expect(at(FRESH_MS_MAX + 1)).toMatchObject({ state: "behind", lagMs: FRESH_MS_MAX + 1 });
  });

  test("without a worker it stands, and no lag is made up", () => {
    expect(scoringLagOf([], NOW)).toMatchObject({
      state: "standing",
      lagMs: null,
      since: null,
      words: "scoring stands: no worker has taken it up",
    });
    const waiting = [fold({ state: "standby", lastRunAtMs: null, lagMs: null })];
    expect(scoringLagOf(waiting, NOW)).toMatchObject({ state: "standing", lagMs: null });
  });

  test("a duty whose last run is 10 s ago stands, with the reason and since when", () => {
    const stuck = score({
      state: "failing",
      lastRunAtMs: NOW - RUN_MS_MAX - 1,
      lastError: "the pool is empty",
    });
    expect(scoringLagOf([fold(), stuck], NOW)).toMatchObject({
      state: "standing",
      since: new Date(NOW - RUN_MS_MAX - 1),
      words: "scoring stands: windows are not scored (the pool is empty)",
    });
    expect(scoringLagOf([fold(), { ...stuck, lastRunAtMs: NOW - RUN_MS_MAX }], NOW).state).not.toBe(
      "standing",
    );
  });

  test("what waited at the last run has waited longer by now", () => {
    const behind = fold({ lagMs: 30_000, lastRunAtMs: NOW - 3_000, waiting: 900 });
    expect(scoringLagOf([behind, score({ lagMs: 0 })], NOW)).toMatchObject({
      state: "behind",
      lagMs: 33_000,
      waiting: 900,
    });
  });

  test("of several workers the one that ran it last is believed, in whatever order they speak", () => {
    const before = fold({ lagMs: 90_000, lastRunAtMs: NOW - 60_000 });
    const after = fold({ lagMs: 5 });
    for (const order of [
      [before, after],
      [after, before],
    ])
      expect(scoringLagOf([...order, score()], NOW)).toMatchObject({ state: "fresh", foldMs: 5 });
  });

  test("the lag is never negative, whatever clocks and workers say", () => {
    const any = fc.record({
      duty: fc.constantFrom<SaidOfDuty["duty"]>("fold-windows", "score-windows"),
      state: fc.constantFrom("running", "failing", "standby", "starting", "unknown"),
      lastRunAtMs: fc.option(fc.integer({ min: NOW - 1e8, max: NOW + 1e6 })),
      lagMs: fc.option(fc.integer({ min: -1e6, max: 1e9 })),
      waiting: fc.option(fc.integer({ min: -5, max: 1e6 })),
      lastError: fc.option(fc.string()),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), (spoken) => {
        const lag = scoringLagOf(spoken, NOW);
        expect(lag.lagMs ?? 0).toBeGreaterThanOrEqual(0);
        expect(lag.waiting).toBeGreaterThanOrEqual(0);
        if (lag.state !== "standing" && lag.lagMs !== null)
          expect(lag.state === "fresh").toBe(lag.lagMs <= FRESH_MS_MAX);
      }),
    );
  });
});

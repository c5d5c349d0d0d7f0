import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RESPONSE_LEVELS, type ResponseLevel } from "../schema.ts";
import { CALM_MS, type ResponseState, respond } from "./respond.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const at = (level: ResponseLevel, calmSinceMs: number | null = null): ResponseState => ({
  level,
  sinceMs: NOW - 60_000,
  calmSinceMs,
});
const answer = (score: number, state: ResponseState | null = null, more = {}) =>
  respond({ state, score, contained: false, learning: false, nowMs: NOW, ...more });

describe("respond", () => {
  test.each([
    [0, "none"],
    [0.5, "none"],
    [0.5001, "record"],
    [0.7, "record"],
    [0.7001, "limit"],
    [0.9, "limit"],
    [0.9001, "contain"],
    [1, "contain"],
  ] as const)("a score of %d is answered by %s: the number itself does nothing", (score, level) => {
    expect(answer(score).outcome).toBe(level);
  });

  test("each threshold is a named check that says whether the score passed it", () => {
    expect(answer(0.8).checks).toEqual([
      { id: "score-record", passed: false, detail: "The score 0.8 is above 0.5 (record)." },
      { id: "score-limit", passed: false, detail: "The score 0.8 is above 0.7 (limit)." },
      { id: "score-contain", passed: true, detail: "The score 0.8 is not above 0.9 (contain)." },
    ]);
  });

  test("it goes up at once, and down one level after five calm minutes, no sooner", () => {
    const calm = answer(0.2, at("limit"));
    expect(calm.state).toMatchObject({ level: "limit", calmSinceMs: NOW });
    const later = (ms: number, state: ResponseState) =>
      respond({ state, score: 0.2, contained: false, learning: false, nowMs: NOW + ms });
    expect(later(CALM_MS - 1, calm.state).outcome).toBe("limit");
    const down = later(CALM_MS, calm.state);
    expect(down).toMatchObject({ outcome: "record", changed: true });
    expect(later(CALM_MS + 1, down.state).outcome).toBe("record");
  });

  test("a score just under the threshold is not calm: no flapping", () => {
    const state = at("limit", NOW - CALM_MS);
    expect(answer(0.65, state)).toMatchObject({ outcome: "limit", changed: false });
    expect(answer(0.65, state).state.calmSinceMs).toBeNull();
    expect(answer(0.6, state).outcome).toBe("record");
  });

  test("a contained agent stays contained whatever its score, and starts anew when people release it", () => {
    expect(answer(0, at("contain"), { contained: true })).toMatchObject({
      outcome: "contain",
      changed: false,
    });
    expect(answer(0, at("none"), { contained: true })).toMatchObject({ outcome: "contain", changed: true });
    expect(answer(0, at("contain"))).toMatchObject({ outcome: "none", changed: true });
    expect(answer(0.95, at("contain")).outcome).toBe("contain");
  });

  test("an agent that is still learning is never contained by its score alone", () => {
    expect(answer(1, null, { learning: true }).outcome).toBe("limit");
  });

  test("no history of scores leaves the levels, and a score never waits to go up", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 200 }), (scores) => {
        let state: ResponseState | null = null;
        scores.forEach((score, i) => {
          const decision = respond({
            state,
            score,
            contained: false,
            learning: false,
            nowMs: NOW + i * 30_000,
          });
          const needed = score > 0.9 ? 3 : score > 0.7 ? 2 : score > 0.5 ? 1 : 0;
          expect(RESPONSE_LEVELS.indexOf(decision.outcome)).toBeGreaterThanOrEqual(needed);
          state = decision.state;
        });
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyOverride } from "./apply-override.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const inSeconds = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const COMPUTED = { version: 2, score: 0.5, contributions: [] };
const ACTIVE = { status: "active", banned: false };
const override = (score: number, from = -60, to = 60) => ({
  ...{ id: "o", score, decidedAt: inSeconds(from), endsAt: inSeconds(to) },
});
const score = (of: ReturnType<typeof override> | null, agent = ACTIVE) =>
  applyOverride(COMPUTED, of, agent, NOW).score;

describe("an override", () => {
  it("counts from its decision until its end, exclusive, and both scores are told", () => {
    expect(applyOverride(COMPUTED, override(0.9), ACTIVE, NOW)).toMatchObject({
      ...{ score: 0.9, computed: 0.5, override: { id: "o", score: 0.9 } },
    });
    expect([score(override(0.9, 0)), score(override(0.9, 1)), score(override(0.9, -60, 0))]).toEqual([
      0.9, 0.5, 0.5,
    ]);
    expect(applyOverride(COMPUTED, null, ACTIVE, NOW)).toMatchObject({ score: 0.5, override: null });
  });

  it("lowers as well as it lifts", () => expect(score(override(0))).toBe(0));

  it.each(["contained", "suspended", "retired", "registered", "a status of next year"])(
    "lifts no agent that is %s, and lowers it still",
    (status) => {
      expect(score(override(0.9), { status, banned: false })).toBe(0.5);
      expect(score(override(0.1), { status, banned: false })).toBe(0.1);
    },
  );

  it("lifts nobody who is banned, whatever the status says", () =>
    expect(score(override(1), { status: "active", banned: true })).toBe(0.5));

  it("whatever the numbers: the score is one of the two, and never above the computed for one who is stopped", () => {
    fc.assert(
      fc.property(
        fc.record({
          by: fc.double({ min: 0, max: 1, noNaN: true }),
          computed: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        fc.integer({ min: -100, max: 100 }),
        fc.boolean(),
        ({ by, computed }, offset, banned) => {
          const of = { ...COMPUTED, score: computed };
          const counted = applyOverride(
            of,
            override(by, offset - 50, offset + 50),
            { status: "active", banned },
            NOW,
          );
          expect([by, computed]).toContain(counted.score);
          if (banned) expect(counted.score).toBeLessThanOrEqual(computed);
          expect(counted.computed).toBe(computed);
        },
      ),
    );
  });
});

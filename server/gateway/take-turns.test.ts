import fc from "fast-check";
import { expect, it } from "vitest";
import { createTurns } from "./take-turns.ts";

const START = Date.parse("2026-11-23T10:00:00Z");
const at = (ms: number) => new Date(START + ms);

it("never lets more through in any time than the limit and one burst", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 600 }),
      fc.array(fc.nat(2_000), { minLength: 1, maxLength: 300 }),
      (limit, gapsMs) => {
        const turns = createTurns();
        let elapsedMs = 0;
        let admitted = 0;
        for (const gap of gapsMs) {
          elapsedMs += gap;
          if (turns.take("a", limit, at(elapsedMs)) === 0) admitted++;
        }
        const burst = Math.max(1, limit / 6);
        expect(admitted).toBeLessThanOrEqual(burst + (elapsedMs / 60_000) * limit + 1e-6);
      },
    ),
  );
});

it("says how long to wait, and keeps its word", () => {
  const turns = createTurns();
  expect(turns.take("a", 6, at(0))).toBe(0);
  const waitSeconds = turns.take("a", 6, at(0));
  expect(waitSeconds).toBe(10);
  expect(turns.take("a", 6, at(9_000))).toBeGreaterThan(0);
  expect(turns.take("a", 6, at(waitSeconds * 1000))).toBe(0);
});

it("a clock that steps back gives no turns, and a limit of nothing lets nothing through twice", () => {
  const turns = createTurns();
  expect(turns.take("a", 6, at(0))).toBe(0);
  expect(turns.take("a", 6, at(-3_600_000))).toBeGreaterThan(0);
  expect(createTurns().take("b", 0, at(0))).toBe(0);
});

it("agents do not share a bucket", () => {
  const turns = createTurns();
  expect(turns.take("a", 6, at(0))).toBe(0);
  expect(turns.take("b", 6, at(0))).toBe(0);
});

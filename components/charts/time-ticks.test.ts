import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tickText, timeTicks } from "./time-ticks.ts";

const HOUR_MS = 3_600_000;

describe("the ticks of a time axis", () => {
  it("are few, inside the stretch, evenly apart and in order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2e12 }),
        fc.integer({ min: 60_000, max: 400 * 24 * HOUR_MS }),
        (fromMs, spanMs) => {
          const ticks = timeTicks(fromMs, fromMs + spanMs);
          expect(ticks.length).toBeLessThanOrEqual(8);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(fromMs);
            expect(tick).toBeLessThanOrEqual(fromMs + spanMs);
          }
          const gaps = new Set(ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? 0)));
          expect(gaps.size).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it("stand on whole hours of UTC for a day", () => {
    const from = Date.parse("2026-11-22T05:24:00Z");
    expect(timeTicks(from, from + 24 * HOUR_MS).map((tick) => tickText(tick, 24 * HOUR_MS))).toEqual([
      "06:00",
      "09:00",
      "12:00",
      "15:00",
      "18:00",
      "21:00",
      "00:00",
      "03:00",
    ]);
  });

  it("name days where hours would not tell them apart", () => {
    expect(tickText(Date.parse("2026-11-22T00:00:00Z"), 168 * HOUR_MS)).toBe("11-22");
  });
});

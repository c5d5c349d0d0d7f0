import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stretchOf } from "./stretch-of.ts";

const axis = { fromMs: 1_000_000, toMs: 2_000_000, leftPx: 44, rightPx: 56 };

describe("a stretch drawn over a chart", () => {
  it("is the time under it, in whichever direction it was drawn", () => {
    const forth = stretchOf({ startPx: 44, endPx: 94, widthPx: 200 }, axis);
    expect(forth).toEqual({ fromMs: 1_000_000, toMs: 1_500_000 });
    expect(stretchOf({ startPx: 94, endPx: 44, widthPx: 200 }, axis)).toEqual(forth);
  });

  it.each([
    ["a mere press", { startPx: 60, endPx: 65, widthPx: 200 }],
    ["one in the margin", { startPx: 2, endPx: 40, widthPx: 200 }],
    ["one over a chart without room", { startPx: 0, endPx: 90, widthPx: 90 }],
  ])("%s is none", (_, drawn) => expect(stretchOf(drawn, axis)).toBeNull());

  it("never leaves the axis", () => {
    const px = fc.integer({ min: -500, max: 5_000 });
    fc.assert(
      fc.property(px, px, fc.integer({ min: 120, max: 3_000 }), (startPx, endPx, widthPx) => {
        const stretch = stretchOf({ startPx, endPx, widthPx }, axis);
        if (!stretch) return;
        expect(stretch.fromMs).toBeGreaterThanOrEqual(axis.fromMs);
        expect(stretch.toMs).toBeLessThanOrEqual(axis.toMs);
        expect(stretch.fromMs).toBeLessThan(stretch.toMs);
      }),
    );
  });
});

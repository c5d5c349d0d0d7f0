import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lifeTone, lifeUsed } from "./lifetime.ts";

describe("a credential's life", () => {
  it("is always between none and all of it, whatever the clock says", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), (from, to, now) => {
        const used = lifeUsed(from, to, now);
        expect(used).toBeGreaterThanOrEqual(0);
        expect(used).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("one that ends before it begins is over", () => expect(lifeUsed(10, 10, 0)).toBe(1));

  it.each([
    [0, "ok"],
    [0.66, "ok"],
    [2 / 3, "medium"],
    [0.75, "high"],
    [0.9, "critical"],
    [1, "critical"],
  ])("%f of it used is %s", (used, tone) => expect(lifeTone(used)).toBe(tone));
});

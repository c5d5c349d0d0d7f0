import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seeded } from "../testing/usual-weeks.ts";
import { countedDeviation, learnFeatureRarity } from "./rarity-of-feature.ts";
import { deviationsOfTail } from "./robust.ts";

const HOUR = 3_600_000;
/** Minutes of many hours whose deviations have an exponential tail of this scale. */
const tailed = (scale: number, hours = 400) => {
  const random = seeded(7);
  return Array.from({ length: hours * 60 }, (_, i) => ({
    atMs: i * 60_000 + 1,
    deviation: -scale * Math.log(1 - random()),
  }));
};

describe("what a deviation counts for", () => {
  it("is its rarity for this agent: of a long tail less than of a short one", () => {
    const [long, short] = [learnFeatureRarity(tailed(2)), learnFeatureRarity(tailed(0.5))];
    expect(countedDeviation(long, 12)).toBeLessThan(4);
    expect(countedDeviation(short, 12)).toBeGreaterThan(6);
  });

  it("is about what normal data of that rarity has", () => {
    const minutes = tailed(1);
    const rarity = learnFeatureRarity(minutes);
    for (const share of [0.01, 0.001, 0.0001]) {
      const counted = countedDeviation(rarity, -Math.log(share));
      expect(Math.abs(counted - deviationsOfTail(share))).toBeLessThan(0.5);
    }
  });

  it("is never more than it is, never falls, and is nothing for nothing", () => {
    const rarities = fc.record({
      start: fc.double({ min: 0, max: 10, noNaN: true }),
      scale: fc.double({ min: 0.35, max: 5, noNaN: true }),
    });
    const deviations = fc.double({ min: 0, max: 60, noNaN: true });
    fc.assert(
      fc.property(rarities, deviations, deviations, (rarity, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        expect(countedDeviation(rarity, more)).toBeLessThanOrEqual(more);
        expect(countedDeviation(rarity, more) - countedDeviation(rarity, less)).toBeGreaterThanOrEqual(
          -0.001,
        );
        expect(countedDeviation(rarity, 0)).toBe(0);
      }),
    );
  });

  it("is not changed by an attack of an hour among the minutes", () => {
    const clean = tailed(1);
    const poisoned = clean.map((minute) => (minute.atMs < HOUR ? { ...minute, deviation: 60 } : minute));
    const [before, after] = [learnFeatureRarity(clean), learnFeatureRarity(poisoned)];
    expect(after?.scale).toBeLessThan(1.2 * (before?.scale ?? 0));
    expect(countedDeviation(after, 12)).toBeGreaterThan(countedDeviation(before, 12) - 0.6);
  });

  it("is as measured where too few hours are known", () => {
    expect(learnFeatureRarity(tailed(1, 5))).toBeNull();
    expect(countedDeviation(null, 7)).toBe(7);
  });
});

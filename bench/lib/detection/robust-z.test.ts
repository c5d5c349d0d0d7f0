import { describe, expect, test } from "vitest";
import { medianOf, robustZ } from "./robust-z.ts";

describe("robust z", () => {
  test("counts deviations above the median of the hour, in units of 1.4826 median deviations", () => {
    const values = [1, 2, 3, 4, 5].flatMap((value) => Array.from({ length: 20 }, () => [value]));
    const z = robustZ(
      values,
      values.map(() => 3),
    );
    // Median 3, median deviation 1: 3 + 4 · 1.4826 is four deviations.
    expect(z([3 + 4 * 1.4826], 3)).toBeCloseTo(4, 6);
    expect(z([-50], 3)).toBe(0);
  });

  test("an hour with too few minutes is compared with all hours, one with enough with itself", () => {
    const day = Array.from({ length: 100 }, (_, i) => [10 + (i % 3)]);
    const night = Array.from({ length: 60 }, (_, i) => [i % 3]);
    const rare = [[100]];
    const hours = [...day.map(() => 10), ...night.map(() => 2), 5];
    const z = robustZ([...day, ...night, ...rare], hours);
    expect(z([11], 10)).toBe(0);
    expect(z([11], 2)).toBeGreaterThan(5);
    expect(z([100], 5)).toBeGreaterThan(10);
  });

  test("a feature that never moved has a scale all the same", () => {
    const z = robustZ(
      Array.from({ length: 70 }, () => [0]),
      Array.from({ length: 70 }, () => 1),
    );
    expect(z([1], 1)).toBeCloseTo(20, 6);
  });

  test("the median of an even number is between the middle two, of nothing 0", () => {
    expect([medianOf([4, 1, 3, 2]), medianOf([3, 1, 2]), medianOf([])]).toEqual([2.5, 2, 0]);
  });
});

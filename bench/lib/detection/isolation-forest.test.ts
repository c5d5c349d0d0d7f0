import { describe, expect, test } from "vitest";
import { randomOf } from "../scenario/random.ts";
import { averagePath, isolationForest } from "./isolation-forest.ts";

const random = randomOf(1, "forest");
const cloud = Array.from({ length: 1_000 }, () => [random.normal(), random.normal(), 5]);
const score = isolationForest(cloud, random);

describe("isolation forest", () => {
  test("an obvious outlier is isolated sooner than every point of the cloud", () => {
    const most = Math.max(...cloud.map(score));
    for (const outlier of [
      [9, 9, 5],
      [-9, 0, 5],
      [0, 9, 5],
    ])
      expect(score(outlier)).toBeGreaterThan(0.6);
    expect(score([9, 9, 5])).toBeGreaterThan(most - 0.02);
    expect(score([0, 0, 5])).toBeLessThan(0.5);
  });

  test("the mean path is that of the paper: 1 for two points, 10.24 for 256", () => {
    expect([0, 1, 2].map(averagePath)).toEqual([0, 0, 1]);
    // 2 (ln 255 + γ) - 2 · 255 / 256
    expect(averagePath(256)).toBeCloseTo(10.244, 2);
  });

  test("points that are all the same are neither usual nor odd, and no points are refused", () => {
    const same = isolationForest(
      Array.from({ length: 300 }, () => [1, 2]),
      random,
    );
    expect(same([1, 2])).toBeCloseTo(0.5, 6);
    expect(() => isolationForest([], random)).toThrow(RangeError);
    expect(isolationForest([[1]], random)([7])).toBe(0.5);
  });

  test("the same random numbers grow the same forest", () => {
    const [a, b] = [1, 2].map(() => isolationForest(cloud, randomOf(3, "same")));
    expect(cloud.slice(0, 50).map((point) => a?.(point))).toEqual(
      cloud.slice(0, 50).map((point) => b?.(point)),
    );
  });
});

import { describe, expect, it } from "vitest";
import { featurePoints, scorePoints } from "./series-points.ts";

const MINUTE = 60_000;
const point = (minute: number, value: number) => ({
  at: new Date(minute * MINUTE),
  value,
  score: value / 1_000,
  low: 80,
  high: 120,
});

describe("a behaviour series on the chart", () => {
  it("a stretch without windows is a gap: no line is drawn across silence", () => {
    const drawn = featurePoints([point(0, 100), point(1, 110), point(5, 90)], MINUTE);
    expect(drawn.map(({ value }) => value)).toEqual([100, 110, null, 90]);
  });

  it("unbroken minutes have no gap", () => {
    const drawn = featurePoints([point(0, 100), point(1, 110), point(2, 90)], MINUTE);
    expect(drawn.every(({ value }) => value !== null)).toBe(true);
  });

  it("the score stands alone: what is usual belongs to the feature", () => {
    expect(scorePoints([point(0, 850)], MINUTE)).toEqual([{ atMs: 0, value: 0.85, low: null, high: null }]);
  });
});

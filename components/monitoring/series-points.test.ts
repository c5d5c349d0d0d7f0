import { describe, expect, it } from "vitest";
import { featurePoints, scorePoints } from "./series-points.ts";
import { responseMarkers, topFeature } from "./thresholds.ts";

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

describe("what the overview draws of an agent", () => {
  it("is the measured feature with the largest part in the score", () => {
    expect(
      topFeature([
        { feature: "patternSurprise", share: 0.9 },
        { feature: "dataMegabytes", share: 0.01 },
        { feature: "bytesPerCall", share: 0.09 },
      ]),
    ).toBe("bytesPerCall");
    expect(topFeature([])).toBe("apiCallsPerMinute");
  });

  it("marks the moment of a response that acts, and none for one that only records", () => {
    const since = new Date(1_000);
    expect(responseMarkers({ level: "contain", since })).toMatchObject([{ atMs: 1_000, label: "contained" }]);
    expect(responseMarkers({ level: "record", since })).toEqual([]);
    expect(responseMarkers({ level: "contain", since: null })).toEqual([]);
  });
});

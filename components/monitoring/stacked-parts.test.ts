import { describe, expect, it } from "vitest";
import { stackParts } from "./stacked-parts.ts";

const at = new Date("2026-11-25T12:00:00Z");
const point = (score: number, parts: Record<string, number>) => ({
  at,
  minute: at,
  score,
  parts,
  baselineVersion: 1,
});

describe("scores as stacks", () => {
  it("name the features with the largest parts first, by their titles", () => {
    const { series, points } = stackParts(
      [point(0.9, { dataMegabytes: 0.6, apiCallsPerMinute: 0.3 }), point(0.2, { apiCallsPerMinute: 0.2 })],
      60_000,
    );
    expect(points[0]).toMatchObject({ atMs: at.getTime() - 30_000, minuteMs: at.getTime() });
    expect(series.map(({ name }) => name)).toEqual(["data volume", "API calls"]);
    expect(points.map(({ parts }) => parts)).toEqual([
      [0.6, 0.3],
      [0, 0.2],
    ]);
  });

  it("keep the whole score where more features speak than are named", () => {
    const parts = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`feature ${i}`, 0.1]));
    const { series, points } = stackParts([point(0.9, parts)], 60_000);
    expect(series).toHaveLength(7);
    expect(new Set(series.map(({ colour }) => colour)).size).toBe(7);
    expect(points[0]?.parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(0.9, 6);
  });

  it("of nothing are nothing", () => expect(stackParts([], 60_000)).toEqual({ series: [], points: [] }));
});

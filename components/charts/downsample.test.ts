import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChartPoint, downsample, POINTS_MAX } from "./downsample.ts";

const series = (values: (number | null)[]): ChartPoint[] =>
  values.map((value, index) => ({ atMs: index * 60_000, value, low: 0, high: 1 }));

const values = fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }), {
  maxLength: 5_000,
});

describe("a thinned series", () => {
  it("never has more points than the chart draws", () => {
    fc.assert(fc.property(values, (v) => downsample(series(v)).length <= POINTS_MAX));
  });

  it("keeps the order of time and invents no point", () => {
    fc.assert(
      fc.property(values, (v) => {
        const points = series(v);
        const thin = downsample(points);
        const known = new Set(points);
        for (const [index, point] of thin.entries()) {
          expect(known.has(point)).toBe(true);
          const before = thin[index - 1];
          if (before) expect(before.atMs).toBeLessThan(point.atMs);
        }
      }),
    );
  });

  it("never loses the highest or the lowest value, however short the spike", () => {
    fc.assert(
      fc.property(values, (v) => {
        const measured = v.filter((value) => value !== null);
        fc.pre(measured.length > 0);
        const thin = downsample(series(v)).flatMap((point) => (point.value === null ? [] : [point.value]));
        const all = measured.reduce(
          (range, value) => ({ low: Math.min(range.low, value), high: Math.max(range.high, value) }),
          { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY },
        );
        expect(Math.max(...thin)).toBe(all.high);
        expect(Math.min(...thin)).toBe(all.low);
      }),
    );
  });

  it("keeps the first and last points", () => {
    const points = series(Array.from({ length: 4_000 }, (_, index) => (index % 7) / 7));
    const thin = downsample(points);
    expect(thin[0]).toBe(points[0]);
    expect(thin.at(-1)).toBe(points.at(-1));
  });

  it("draws a silent stretch as silence", () => {
    const thin = downsample(series(Array.from({ length: 3_000 }, () => null)));
    expect(thin.every((point) => point.value === null)).toBe(true);
  });
});

import { describe, expect, it } from "vitest";
import { overrideBands, signed, trustPoints } from "./trust-points.ts";

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 10, 23, 12);
const ago = (hours: number) => new Date(NOW - hours * HOUR_MS);
const now = { atMs: NOW, computed: 0.5 };

describe("the points of trust", () => {
  it("end with what is computed now", () =>
    expect(trustPoints([{ at: ago(1), score: 0.4 }], now)).toEqual([
      { atMs: NOW - HOUR_MS, value: 0.4 },
      { atMs: NOW, value: 0.5 },
    ]));

  it("have a hole where nobody judged it for hours, and none where days are kept alone", () => {
    const recent = trustPoints([{ at: ago(30), score: 0.4 }], now);
    expect(recent.map(({ value }) => value)).toEqual([0.4, null, 0.5]);
    const old = [30, 29, 28].map((days) => ({ at: ago(days * 24), score: 0.4 }));
    expect(
      trustPoints(old, now)
        .slice(0, 3)
        .map(({ value }) => value),
    ).toEqual([0.4, 0.4, 0.4]);
  });

  it("never go back in time", () => {
    const points = trustPoints(
      [
        { at: ago(0), score: 0.4 },
        { at: ago(1), score: 0.3 },
      ],
      now,
    );
    expect(points).toEqual([{ atMs: NOW, value: 0.4 }]);
  });
});

describe("the bands of overrides", () => {
  const of = { score: 0.9, deciderName: "Ana" };
  it("reach from the decision to the end", () =>
    expect(overrideBands([{ ...of, decidedAt: ago(3), endsAt: ago(1) }])).toMatchObject([
      { fromMs: NOW - 3 * HOUR_MS, toMs: NOW - HOUR_MS, value: 0.9, label: "set by hand, approved by Ana" },
    ]));
  it("leave out what never counted", () =>
    expect(
      overrideBands([
        { ...of, decidedAt: null, endsAt: null },
        { ...of, decidedAt: ago(3), endsAt: null },
        { ...of, decidedAt: ago(3), endsAt: ago(3) },
      ]),
    ).toEqual([]));
});

describe("a part of the sum", () => {
  it("has its sign, as a minus and not a hyphen", () =>
    expect([0.4, -0.15, 0].map(signed)).toEqual(["+0.40", "−0.15", "+0.00"]));
});

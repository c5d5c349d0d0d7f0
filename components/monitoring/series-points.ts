import type { ChartPoint } from "../charts/downsample.ts";

export type SeriesPoint = {
  at: Date;
  value: number | null;
  score: number | null;
  low: number | null;
  high: number | null;
};

/** The score over time. A stretch without a window is a gap, never a line across it. */
export function scorePoints(points: readonly SeriesPoint[], stepMs: number): ChartPoint[] {
  return withGaps(
    points.map(({ at, score }) => ({ atMs: at.getTime(), value: score, low: null, high: null })),
    stepMs,
  );
}

/** A feature over time, with what is usual for the hour. */
export function featurePoints(points: readonly SeriesPoint[], stepMs: number): ChartPoint[] {
  return withGaps(
    points.map(({ at, value, low, high }) => ({ atMs: at.getTime(), value, low, high })),
    stepMs,
  );
}

function withGaps(points: ChartPoint[], stepMs: number): ChartPoint[] {
  const drawn: ChartPoint[] = [];
  for (const point of points) {
    const before = drawn.at(-1);
    if (before && point.atMs - before.atMs > stepMs * 1.5)
      drawn.push({ atMs: before.atMs + stepMs, value: null, low: null, high: null });
    drawn.push(point);
  }
  return drawn;
}

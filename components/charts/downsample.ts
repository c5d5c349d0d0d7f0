/** What a chart draws: an instant, the value, and the range that is usual then; null where nothing was measured. */
export type ChartPoint = {
  atMs: number;
  value: number | null;
  low: number | null;
  high: number | null;
};

/** No series draws more points than this (recharts slows down beyond it). */
export const POINTS_MAX = 600;

/**
 * Thins a series to at most `pointsMax` points by keeping the lowest and highest of each bucket, in order of
 * time: a spike of one point is never lost. First and last points stay.
 */
export function downsample(points: readonly ChartPoint[], pointsMax = POINTS_MAX): ChartPoint[] {
  if (points.length <= pointsMax) return [...points];
  const first = points[0];
  const last = points[points.length - 1];
  if (!first || !last || pointsMax < 4) return [...points.slice(0, pointsMax)];
  const inner = points.slice(1, -1);
  const buckets = Math.floor((pointsMax - 2) / 2);
  const kept: ChartPoint[] = [first];
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = Math.floor((bucket * inner.length) / buckets);
    const to = Math.floor(((bucket + 1) * inner.length) / buckets);
    kept.push(...extremes(inner.slice(from, to)));
  }
  kept.push(last);
  return kept;
}

function extremes(bucket: ChartPoint[]): ChartPoint[] {
  const measured = bucket.filter((point) => point.value !== null);
  if (measured.length === 0) return bucket.slice(0, 1);
  let low = measured[0] as ChartPoint;
  let high = low;
  for (const point of measured) {
    if ((point.value as number) < (low.value as number)) low = point;
    if ((point.value as number) > (high.value as number)) high = point;
  }
  if (low === high) return [low];
  return low.atMs < high.atMs ? [low, high] : [high, low];
}

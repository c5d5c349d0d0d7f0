const NORMAL_MAD = 1.4826;
/** A feature that never moved still has a scale: nothing is infinitely far. */
const SCALE_MIN = 0.05;
/** An hour of the week with fewer minutes is compared with all hours. */
const HOUR_MINUTES_MIN = 60;

type Usual = { median: number; scale: number }[];

/**
 * Distance from the median of the same hour of the week in robust standard deviations (median absolute deviation), the
 * length over all features of what lies above.
 */
export function robustZ(
  points: readonly (readonly number[])[],
  hours: readonly number[],
): (point: readonly number[], hour: number) => number {
  const overall = usualOf(points);
  const byHour = new Map<number, (readonly number[])[]>();
  points.forEach((point, i) => {
    const own = byHour.get(hours[i] ?? 0);
    if (own) own.push(point);
    else byHour.set(hours[i] ?? 0, [point]);
  });
  const usual = new Map(
    [...byHour]
      .filter(([, own]) => own.length >= HOUR_MINUTES_MIN)
      .map(([hour, own]) => [hour, usualOf(own)]),
  );
  return (point, hour) => {
    const known = usual.get(hour) ?? overall;
    let sum = 0;
    point.forEach((value, i) => {
      const { median, scale } = known[i] ?? { median: 0, scale: 1 };
      sum += Math.max(0, (value - median) / scale) ** 2;
    });
    return Math.sqrt(sum);
  };
}

function usualOf(points: readonly (readonly number[])[]): Usual {
  return (points[0] ?? []).map((_, feature) => {
    const values = points.map((point) => point[feature] ?? 0);
    const median = medianOf(values);
    const mad = medianOf(values.map((value) => Math.abs(value - median)));
    return { median, scale: Math.max(SCALE_MIN, NORMAL_MAD * mad) };
  });
}

/** The middle value; 0 where there is none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? 0;
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

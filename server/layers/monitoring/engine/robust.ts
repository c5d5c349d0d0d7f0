/** Median of numbers, which it sorts in place. NaN for none. */
export function median(values: Float64Array): number {
  const count = values.length;
  if (count === 0) return Number.NaN;
  values.sort();
  const middle = count >> 1;
  const upper = values[middle] ?? Number.NaN;
  return count % 2 === 1 ? upper : (upper + (values[middle - 1] ?? Number.NaN)) / 2;
}

/** Value under which the given share of the sorted numbers lies. */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  const place = Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))));
  return sorted[place] ?? Number.NaN;
}

/** Median absolute deviation about a centre, scaled to a standard deviation of normal data. */
export function madAround(values: Float64Array, centre: number): number {
  const distances = values.map((value) => Math.abs(value - centre));
  return 1.4826 * median(distances);
}

/**
 * How many standard deviations above the mean a normal value is that so small a share exceeds; 0 from one
 * half on (Abramowitz and Stegun 26.2.23, error under 0.0005).
 */
export function deviationsOfTail(share: number): number {
  if (share >= 0.5) return 0;
  const t = Math.sqrt(-2 * Math.log(Math.max(share, 1e-12)));
  const above = 2.515517 + 0.802853 * t + 0.010328 * t * t;
  const below = 1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3;
  return Math.max(0, t - above / below);
}

/** Rounds to so many significant digits: models and screens carry no more than they know. */
export function significant(value: number, digits = 4): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : 0;
}

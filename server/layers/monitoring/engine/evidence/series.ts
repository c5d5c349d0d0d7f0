/** Rows of one entity in order of time: `values` holds `width` numbers a row, NaN where one is missing. */
export type Series = { atMs: Float64Array; values: Float64Array; width: number };

/** One feature of a series as a column. */
export function column({ atMs, values, width }: Series, feature: number): Float64Array {
  return Float64Array.from(atMs, (_, row) => values[row * width + feature] ?? Number.NaN);
}

/** Evenly spaced numbers of a list, at most so many: enough to know a quantile by. */
export function sample(values: Float64Array, most: number): Float64Array {
  if (values.length <= most) return values.slice();
  const step = values.length / most;
  return Float64Array.from({ length: most }, (_, i) => values[Math.floor(i * step)] ?? 0);
}

/** The usual time between two rows in milliseconds; null when there are fewer than two times. */
export function usualStepMs(series: readonly Series[]): number | null {
  const steps: number[] = [];
  for (const { atMs } of series)
    for (let row = 1; row < atMs.length && steps.length < 20_000; row++) {
      const step = (atMs[row] ?? 0) - (atMs[row - 1] ?? 0);
      if (step > 0) steps.push(step);
    }
  return steps.length === 0 ? null : (steps.sort((a, b) => a - b)[steps.length >> 1] ?? null);
}

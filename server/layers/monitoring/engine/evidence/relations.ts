import { significant } from "../robust.ts";

/** The share of independence that is mixed into what was seen: features that always move together stay apart a little. */
const SHRINKAGE = 0.1;
/** One wild feature must not speak for its neighbours. */
export const RELATED_MAX = 6;

/**
 * How features stand together: the inverse of their shrunk correlations. Each row, with a row of residuals, gives what
 * of a feature the others do not explain (as a ratio of two amounts does), in its own deviations.
 *
 * @param rows residuals, `width` numbers each; missing ones are 0.
 */
export function learnRelations(rows: Float64Array, width: number): number[][] {
  const sums = Array.from({ length: width }, () => new Float64Array(width));
  const bounded = new Float64Array(width);
  for (let at = 0; at + width <= rows.length; at += width) {
    for (let f = 0; f < width; f++) bounded[f] = Math.max(-4, Math.min(4, rows[at + f] ?? 0));
    for (let f = 0; f < width; f++) {
      const row = sums[f];
      const own = bounded[f] ?? 0;
      if (row && own !== 0) for (let g = 0; g <= f; g++) row[g] = (row[g] ?? 0) + own * (bounded[g] ?? 0);
    }
  }
  const variance = (f: number) => sums[f]?.[f] || 1;
  const correlations = Array.from({ length: width }, (_, f) =>
    Float64Array.from({ length: width }, (_, g) =>
      f === g
        ? 1
        : ((1 - SHRINKAGE) * (sums[Math.max(f, g)]?.[Math.min(f, g)] ?? 0)) /
          Math.sqrt(variance(f) * variance(g)),
    ),
  );
  return invert(correlations).map((row) => Array.from(row, (value) => significant(value, 4)));
}

/** Gauss–Jordan; a correlation matrix with shrinkage is positive definite, so no pivot is 0. */
function invert(matrix: Float64Array[]): Float64Array[] {
  const size = matrix.length;
  const inverse = matrix.map((_, f) => Float64Array.from({ length: size }, (_, g) => (f === g ? 1 : 0)));
  for (let pivot = 0; pivot < size; pivot++) {
    const [from, into] = [matrix[pivot], inverse[pivot]];
    if (!from || !into) continue;
    const by = from[pivot] || 1;
    for (let g = 0; g < size; g++) {
      from[g] = (from[g] ?? 0) / by;
      into[g] = (into[g] ?? 0) / by;
    }
    for (let f = 0; f < size; f++) {
      const [row, out] = [matrix[f], inverse[f]];
      const times = row?.[pivot] ?? 0;
      if (!row || !out || f === pivot || times === 0) continue;
      for (let g = 0; g < size; g++) {
        row[g] = (row[g] ?? 0) - times * (from[g] ?? 0);
        out[g] = (out[g] ?? 0) - times * (into[g] ?? 0);
      }
    }
  }
  return inverse;
}

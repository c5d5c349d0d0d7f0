/** A source of random numbers that gives the same for the same seed and name. */
export type Random = {
  /** In [0, 1). */
  next: () => number;
  between: (low: number, high: number) => number;
  /** A whole number from `low` to `high`, both included. */
  whole: (low: number, high: number) => number;
  chance: (probability: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
  /** An index, each as likely as its weight. */
  weighted: (weights: readonly number[]) => number;
  normal: () => number;
  /** Student's t with three degrees of freedom, scaled to a variance of one: its tail is as heavy as traffic's. */
  heavy: () => number;
  poisson: (mean: number) => number;
  /** Log-normal around a median, with a Pareto tail (index 1.8) in one draw of fifty. */
  size: (median: number, sigma: number) => number;
};

const TAIL_SHARE = 0.02;
const TAIL_INDEX = 1.8;
/** A tail without an end would make one call the month's volume. */
const TAIL_MAX = 60;

/** A stream of its own for each name: what one part draws does not change what another sees. */
export function randomOf(seed: number, ...name: readonly (string | number)[]): Random {
  const next = mulberry32(hash(`${seed}/${name.join("/")}`));
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const heavy = () => {
    const chi = normal() ** 2 + normal() ** 2 + normal() ** 2;
    return normal() / Math.sqrt(Math.max(chi, 1e-3) / 3) / Math.sqrt(3);
  };
  return {
    next,
    normal,
    heavy,
    between: (low, high) => low + (high - low) * next(),
    whole: (low, high) => low + Math.floor((high - low + 1) * next()),
    chance: (probability) => next() < probability,
    pick: (list) => list[Math.floor(list.length * next())] as (typeof list)[number],
    weighted: (weights) => weightedIndex(weights, next()),
    poisson: (mean) => poisson(mean, next, normal),
    size: (median, sigma) => {
      const tail = next() < TAIL_SHARE ? Math.min(TAIL_MAX, (1 - next()) ** (-1 / TAIL_INDEX)) : 1;
      return Math.round(median * Math.exp(sigma * normal()) * tail);
    },
  };
}

function weightedIndex(weights: readonly number[], at: number): number {
  let left = at * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i] ?? 0;
    if (left < 0) return i;
  }
  return weights.length - 1;
}

/** Knuth's method; from 30 on the normal approximation. */
function poisson(mean: number, next: () => number, normal: () => number): number {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  const limit = Math.exp(-mean);
  let product = next();
  let count = 0;
  while (product > limit) {
    product *= next();
    count++;
  }
  return count;
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) | 0;
}

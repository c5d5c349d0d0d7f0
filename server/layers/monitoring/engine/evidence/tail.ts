import { median, quantileOfSorted, significant } from "../robust.ts";
import { sample } from "./series.ts";

/**
 * How rare values of one kind of evidence are, each way: from `start` on, which a share of e^-rarity of usual values
 * passes, an exponential tail of that `scale`.
 */
export type Tail = { centre: number; up: Side; down: Side };
export type Side = { start: number; rarity: number; scale: number };

const START_SHARE = 0.1;
const SAMPLE_MAX = 20_000;

/** Fits both tails to usual values; the scale is of median excess and of far quantiles, so that one attack is not it. */
export function learnTail(values: Float64Array): Tail {
  const sorted = sample(values, SAMPLE_MAX).sort();
  const centre = sorted.length === 0 ? 0 : median(sorted);
  const up = sideOf(
    sorted.map((value) => value - centre),
    sorted.length,
  );
  const down = sideOf(sorted.map((value) => centre - value).reverse(), sorted.length);
  return { centre: significant(centre), up, down };
}

function sideOf(sorted: Float64Array, count: number): Side {
  const start = Math.max(0, quantileOfSorted(sorted, 1 - START_SHARE) || 0);
  const first = sorted.findIndex((value) => value > start + 1e-9);
  const excess = first < 0 ? new Float64Array() : sorted.slice(first);
  const share = (excess.length + 1) / (count + 2);
  const far = (beyond: number) =>
    excess.length < 40 ? 0 : (quantileOfSorted(excess, 1 - beyond) - start) / Math.log(1 / beyond);
  const scale =
    excess.length === 0 ? 0 : Math.max((median(excess.slice()) - start) / Math.LN2, far(0.1), far(0.03));
  return { start: significant(start), rarity: significant(-Math.log(share)), scale: significant(scale) };
}

/** Surprise in nats: the negative logarithm of the share of usual values that lie as far out; 0 at the centre. */
export function surpriseOf(side: Side, distance: number): number {
  if (distance <= side.start)
    return side.start === 0 ? 0 : (side.rarity * Math.max(0, distance)) / side.start;
  return side.rarity + (distance - side.start) / side.scale;
}

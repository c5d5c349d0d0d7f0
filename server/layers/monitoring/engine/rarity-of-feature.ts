import { deviationsOfTail, median, quantileOfSorted, significant } from "./robust.ts";

/**
 * How rare large deviations of one feature are for one agent: above `start`, which one minute in a hundred exceeds, an
 * exponential tail. A deviation of amounts with a long tail says less than the same of a regular feature.
 */
export type FeatureRarity = { start: number; scale: number };

const START_SHARE = 0.01;
/** However few rare minutes were seen, the tail is never taken to be shorter than this. */
const SCALE_MIN = 0.35;
/** With fewer hours above the start than this, nothing is known of the tail: normal data is assumed. */
const HOURS_MIN = 10;
const HOUR_MS = 3_600_000;

/**
 * Learns a feature's rarity from deviations of minutes that the measuring model was not learnt from; null where too few
 * hours are above what is usual. The scale is the median over hours of their highest excess: an attack of an hour among
 * them is one hour, and does not stretch it.
 */
export function learnFeatureRarity(
  minutes: readonly { atMs: number; deviation: number }[],
): FeatureRarity | null {
  const sorted = Float64Array.from(minutes, ({ deviation }) => deviation).sort();
  const start = quantileOfSorted(sorted, 1 - START_SHARE);
  const excess = new Map<number, number>();
  for (const { atMs, deviation } of minutes) {
    if (deviation <= start) continue;
    const hour = Math.floor((atMs - 1) / HOUR_MS);
    excess.set(hour, Math.max(excess.get(hour) ?? 0, deviation - start));
  }
  if (excess.size < HOURS_MIN) return null;
  const scale = Math.max(SCALE_MIN, median(Float64Array.from(excess.values())) / Math.LN2);
  return { start: significant(start), scale: significant(scale) };
}

/**
 * What a deviation counts for: as many standard deviations as its rarity has for normal data, and never more than it
 * is: however regular a feature was, nothing counts for more than its distance.
 */
export function countedDeviation(rarity: FeatureRarity | null | undefined, deviation: number): number {
  if (!rarity || deviation <= 0) return deviation;
  const { start, scale } = rarity;
  const atStart = deviationsOfTail(START_SHARE);
  const counted =
    deviation <= start
      ? (deviation / start) * atStart
      : deviationsOfTail(START_SHARE * Math.exp(-(deviation - start) / scale));
  return Math.min(deviation, counted);
}

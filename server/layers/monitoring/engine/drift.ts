import type { Baseline } from "./baseline.ts";
import { median } from "./robust.ts";
import { VOLUME_KEYS, VOLUMES, type VolumeKey } from "./volume-model.ts";

/** How an agent's usual behaviour has moved since its baseline was learnt. */
export type Drift = { feature: VolumeKey; deviations: number; words: string };

/** A shift of the whole week by so many of the old spreads is no longer the same usual. */
export const DRIFT_DEVIATIONS = 1.5;

/**
 * The largest upward shift between two baselines of one agent, over the hours it is active in; null when all are
 * small. Six weeks of memory move by less than this in a day, so a slow rise shows once it has added up.
 */
export function findDrift(before: Baseline, after: Baseline): Drift | null {
  let largest: Drift | null = null;
  for (const feature of VOLUME_KEYS) {
    const shifts: number[] = [];
    before.volume[feature].centre.forEach((centre, hour) => {
      if ((after.activity[hour] ?? 0) < 0.1) return;
      const spread = before.volume[feature].spread[hour] ?? 1;
      shifts.push(((after.volume[feature].centre[hour] ?? centre) - centre) / spread);
    });
    const shift = shifts.length === 0 ? 0 : median(Float64Array.from(shifts));
    if (shift <= DRIFT_DEVIATIONS || (largest && shift <= largest.deviations)) continue;
    const usual = (baseline: Baseline) =>
      VOLUMES[feature].from(median(Float64Array.from(baseline.volume[feature].centre))).toPrecision(3);
    largest = {
      feature,
      deviations: Math.round(shift * 10) / 10,
      words: `${feature} has moved ${shift.toFixed(1)} deviations up, from about ${usual(before)} to ${usual(after)}`,
    };
  }
  return largest;
}

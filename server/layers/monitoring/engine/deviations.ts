import type { FeatureKey, WindowFeatures } from "../schema.ts";
import type { UsualBehaviour } from "./baseline.ts";
import { hourOfWeek } from "./hour-of-week.ts";
import { measureNetworks } from "./network-model.ts";
import { deviationsOfTail } from "./robust.ts";
import { measureSequence } from "./sequence-model.ts";
import { VOLUME_KEYS, VOLUMES } from "./volume-model.ts";

/** One feature of one window against what is usual at that hour. */
export type Deviation = {
  feature: FeatureKey;
  value: number;
  expected: { low: number; high: number; typical: number };
  deviations: number;
  /** Networks that are new, where that is the feature. */
  strangers?: string[];
};

/** No single feature counts for more: beyond this it is certain anyway. */
const DEVIATIONS_MAX = 12;
const MINUTE_MS = 60_000;
/** The band of what is expected: two deviations each way. */
const BAND = 2;

/**
 * Measures a window against an agent's usual behaviour.
 *
 * @returns each feature, and the length of the vector of upward deviations: what calibration turns into a score.
 */
export function measure(
  window: WindowFeatures,
  atMs: number,
  usual: UsualBehaviour,
): { hour: number; length: number; features: Deviation[] } {
  const hour = hourOfWeek(atMs - MINUTE_MS / 2, usual.timeZone);
  if (window.apiCallsPerMinute === 0) return { hour, length: 0, features: [] };
  const features: Deviation[] = VOLUME_KEYS.map((key) => {
    const centre = usual.volume[key].centre[hour] ?? 0;
    const spread = usual.volume[key].spread[hour] ?? 1;
    const { to, from } = VOLUMES[key];
    const bound = (deviations: number) => Math.max(0, from(centre + deviations * spread));
    return {
      feature: key,
      value: window[key],
      expected: { low: bound(-BAND), high: bound(BAND), typical: bound(0) },
      deviations: limited((to(window) - centre) / spread),
    };
  });
  const active = usual.activity[hour] ?? 1;
  features.push({
    feature: "timeOfDayDeviation",
    value: 1 - active,
    expected: { low: 0, high: 0.5, typical: 0 },
    deviations: limited(deviationsOfTail(active)),
  });
  if (usual.networks) features.push(networkDeviation(usual.networks, window));
  if (usual.sequence) features.push(sequenceDeviation(usual.sequence, window));
  const length = Math.sqrt(features.reduce((sum, f) => sum + f.deviations ** 2, 0));
  return { hour, length, features };
}

function networkDeviation(model: NonNullable<UsualBehaviour["networks"]>, window: WindowFeatures): Deviation {
  const { share, deviations, strangers } = measureNetworks(model, window.networks);
  return {
    feature: "geographicAnomaly",
    value: share,
    expected: { low: 0, high: 0, typical: 0 },
    deviations: limited(deviations),
    strangers,
  };
}

function sequenceDeviation(
  model: NonNullable<UsualBehaviour["sequence"]>,
  window: WindowFeatures,
): Deviation {
  const { surprise, deviations } = measureSequence(model, window);
  return {
    feature: "patternSurprise",
    value: surprise,
    expected: { low: 0, high: model.mean + BAND * 0.3 * model.deviation, typical: model.mean },
    deviations: limited(deviations),
  };
}

/** Only more than usual counts: less traffic is a fault to be seen elsewhere, not an attack. */
function limited(deviations: number): number {
  return Number.isFinite(deviations) ? Math.min(DEVIATIONS_MAX, Math.max(0, deviations)) : 0;
}

import type { FeatureKey, WindowFeatures } from "../schema.ts";
import type { UsualBehaviour } from "./baseline.ts";
import { hourOfWeek } from "./hour-of-week.ts";
import { measureNetworks } from "./network-model.ts";
import { countedDeviation } from "./rarity-of-feature.ts";
import { deviationsOfTail } from "./robust.ts";
import { measureSequence } from "./sequence-model.ts";
import { VOLUME_KEYS, VOLUMES } from "./volume-model.ts";

/** One feature of one window against what is usual at that hour. */
export type Deviation = {
  feature: FeatureKey;
  value: number;
  expected: { low: number; high: number; typical: number };
  /** Robust standard deviations above what is usual, as they are told. */
  deviations: number;
  /** What they count for in the whole: by how rare they are for this agent, and by what the feature can say alone. */
  counted: number;
  /** Networks that are new, where that is the feature. */
  strangers?: string[];
};

/** No single feature is told to be more: beyond this it is certain anyway. */
const DEVIATIONS_MAX = 12;
const MEASURED_MAX = 60;
/**
 * What a feature can count for alone. Refused calls did nothing, and an unusual order of harmless actions harms nobody:
 * each alone limits an agent, and contains it only together with something else.
 */
const ALONE_MAX: Partial<Record<FeatureKey, number>> = { refusedRatio: 4, patternSurprise: 5 };
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
  const measured: Measured[] = VOLUME_KEYS.map((key) => {
    const centre = usual.volume[key].centre[hour] ?? 0;
    const spread = usual.volume[key].spread[hour] ?? 1;
    const { to, from } = VOLUMES[key];
    const bound = (deviations: number) => Math.max(0, from(centre + deviations * spread));
    return {
      feature: key,
      value: window[key],
      expected: { low: bound(-BAND), high: bound(BAND), typical: bound(0) },
      off: (to(window) - centre) / spread,
    };
  });
  const active = usual.activity[hour] ?? 1;
  measured.push({
    feature: "timeOfDayDeviation",
    value: 1 - active,
    expected: { low: 0, high: 0.5, typical: 0 },
    off: deviationsOfTail(active),
  });
  if (usual.networks) measured.push(networkDeviation(usual.networks, window));
  if (usual.sequence) measured.push(sequenceDeviation(usual.sequence, window));
  const features = onceOnly(measured.map((one) => weigh(one, usual)));
  const length = Math.sqrt(features.reduce((sum, f) => sum + f.counted ** 2, 0));
  return { hour, length, features };
}

type Measured = Omit<Deviation, "deviations" | "counted"> & { off: number };

function weigh({ off, ...measured }: Measured, usual: UsualBehaviour): Deviation {
  const { feature } = measured;
  const upward = limited(off);
  const counted = countedDeviation(usual.rarity?.[feature], upward);
  return {
    ...measured,
    deviations: Math.min(DEVIATIONS_MAX, upward),
    counted: Math.min(counted, ALONE_MAX[feature] ?? DEVIATIONS_MAX),
  };
}

/** The volume and the data of each call measure the same bytes: the greater of the two counts. */
function onceOnly(features: Deviation[]): Deviation[] {
  const [volume, each] = (["dataMegabytes", "bytesPerCall"] as const).map((key) =>
    features.find(({ feature }) => feature === key),
  );
  if (!volume || !each) return features;
  const lesser = volume.counted >= each.counted ? each : volume;
  return features.map((one) => (one === lesser ? { ...one, counted: 0 } : one));
}

function networkDeviation(model: NonNullable<UsualBehaviour["networks"]>, window: WindowFeatures): Measured {
  const { share, deviations, strangers } = measureNetworks(model, window.networks);
  return {
    feature: "geographicAnomaly",
    value: share,
    expected: { low: 0, high: 0, typical: 0 },
    off: deviations,
    strangers,
  };
}

function sequenceDeviation(model: NonNullable<UsualBehaviour["sequence"]>, window: WindowFeatures): Measured {
  const { surprise, deviations } = measureSequence(model, window);
  return {
    feature: "patternSurprise",
    value: surprise,
    expected: { low: 0, high: model.mean + BAND * 0.3 * model.deviation, typical: model.mean },
    off: deviations,
  };
}

/** Only more than usual counts: less traffic is a fault to be seen elsewhere, not an attack. */
function limited(deviations: number): number {
  return Number.isFinite(deviations) ? Math.min(MEASURED_MAX, Math.max(0, deviations)) : 0;
}

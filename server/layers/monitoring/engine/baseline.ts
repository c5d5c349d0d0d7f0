import type { FeatureKey, WindowFeatures } from "../schema.ts";
import { learnActivity } from "./activity-model.ts";
import { type Calibration, calibrate } from "./calibrate.ts";
import { measure } from "./deviations.ts";
import { hourOfWeek, localDay } from "./hour-of-week.ts";
import { learnNetworks, type NetworkModel } from "./network-model.ts";
import { type FeatureRarity, learnFeatureRarity } from "./rarity-of-feature.ts";
import { learnSequence, type SequenceModel } from "./sequence-model.ts";
import { learnVolume, VOLUME_KEYS, type VolumeKey, type VolumeModel } from "./volume-model.ts";

/** A closed minute that may be learnt from. `at` is its end. */
export type LearningWindow = { atMs: number; features: WindowFeatures };

/** What is usual for one agent, without how rare a deviation is. */
export type UsualBehaviour = {
  timeZone: string;
  volume: Record<VolumeKey, VolumeModel>;
  /** Share of minutes with any activity, by hour of the week. */
  activity: number[];
  networks: NetworkModel | null;
  sequence: SequenceModel | null;
  /** How rare large deviations of each feature are; a feature that is not named counts as it is. */
  rarity?: Partial<Record<FeatureKey, FeatureRarity>>;
};

/** What an agent is scored by. JSON, about 20 KB. */
export type Baseline = UsualBehaviour & {
  v: 1;
  windows: number;
  days: number;
  fromMs: number;
  toMs: number;
  calibration: Calibration;
};

/** An agent is learning until it has this many active minutes on this many days. */
export const LEARNING_WINDOWS = 2_000;
export const LEARNING_DAYS = 7;
const FOLDS = 3;
const MINUTE_MS = 60_000;

/** How far an agent's learning has come; `words` is the label shown beside its score. */
export function learningProgress(
  windows: number,
  days: number,
): { enough: boolean; words: string; windows: number; days: number } {
  const enough = windows >= LEARNING_WINDOWS && days >= LEARNING_DAYS;
  const words = `learning: ${windows} of ${LEARNING_WINDOWS} active minutes, ${days} of ${LEARNING_DAYS} days`;
  return { enough, words: enough ? "learnt" : words, windows, days };
}

/**
 * Learns an agent's baseline. The windows must be closed, the agent's own and clean: the caller leaves out what
 * scored high, fell in an incident or was excluded. Rarity is calibrated on days that the measuring model was
 * not learnt from, so no window stands in its own baseline.
 *
 * @throws RangeError when there is no window at all.
 */
export function learnBaseline(windows: readonly LearningWindow[], timeZone: string): Baseline {
  const sorted = windows.filter((w) => w.features.apiCallsPerMinute > 0).sort((a, b) => a.atMs - b.atMs);
  const first = sorted[0];
  const last = sorted[sorted.length - 1];
  if (!first || !last) throw new RangeError("a baseline needs at least one active minute");
  const span = { fromMs: first.atMs - MINUTE_MS, toMs: last.atMs };
  const dayOf = (w: LearningWindow) => localDay(w.atMs - MINUTE_MS / 2, timeZone);
  const held: { window: LearningWindow; usual: UsualBehaviour }[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = sorted.filter((w) => dayOf(w) % FOLDS !== fold);
    const own = sorted.filter((w) => dayOf(w) % FOLDS === fold);
    const usual = learnUsual(
      others.length > 0 ? others : sorted,
      span,
      timeZone,
      others.length / sorted.length,
    );
    for (const window of own) held.push({ window, usual });
  }
  const rarity = learnRarity(held);
  const lengths = held.map(({ window: { features, atMs }, usual }) => ({
    atMs,
    length: measure(features, atMs, { ...usual, rarity }).length,
  }));
  return {
    v: 1,
    ...learnUsual(sorted, span, timeZone, 1),
    rarity,
    windows: sorted.length,
    days: new Set(sorted.map(dayOf)).size,
    ...span,
    calibration: calibrate(lengths, span),
  };
}

/** How rare each feature's deviations are, from minutes that were held out. */
function learnRarity(
  held: readonly { window: LearningWindow; usual: UsualBehaviour }[],
): NonNullable<UsualBehaviour["rarity"]> {
  const byFeature = new Map<FeatureKey, { atMs: number; deviation: number }[]>();
  for (const { window, usual } of held)
    for (const { feature, deviations } of measure(window.features, window.atMs, usual).features) {
      const own = byFeature.get(feature) ?? [];
      own.push({ atMs: window.atMs, deviation: deviations });
      byFeature.set(feature, own);
    }
  return Object.fromEntries(
    [...byFeature].flatMap(([feature, minutes]) => {
      const rarity = learnFeatureRarity(minutes);
      return rarity ? [[feature, rarity]] : [];
    }),
  );
}

/** @param part which part of the span's days the windows are from: the rest was not watched. */
function learnUsual(
  windows: readonly LearningWindow[],
  span: { fromMs: number; toMs: number },
  timeZone: string,
  part: number,
): UsualBehaviour {
  const features = windows.map((w) => w.features);
  const hours = windows.map((w) => hourOfWeek(w.atMs - MINUTE_MS / 2, timeZone));
  const days = windows.map((w) => localDay(w.atMs - MINUTE_MS / 2, timeZone));
  const volume = Object.fromEntries(
    VOLUME_KEYS.map((key) => [key, learnVolume(key, features, hours, days)]),
  ) as Record<VolumeKey, VolumeModel>;
  const activity = learnActivity(hours, span.fromMs, span.toMs, timeZone);
  return {
    timeZone,
    volume,
    activity: activity.map((share) => Math.min(1, share / (part || 1))),
    networks: learnNetworks(features, days),
    sequence: learnSequence(features),
  };
}

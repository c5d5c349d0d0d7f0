import type { FeatureKey } from "../schema.ts";
import type { Baseline } from "./baseline.ts";
import { hourOfWeek } from "./hour-of-week.ts";
import { significant } from "./robust.ts";
import { VOLUMES, type VolumeKey } from "./volume-model.ts";

const BAND = 2;

/** What a baseline expects of a feature at an instant: two deviations each way; null where it expects nothing. */
export function expectedBand(
  feature: FeatureKey,
  atMs: number,
  baseline: Baseline,
): { low: number; high: number; typical: number } | null {
  if (feature in VOLUMES) {
    const key = feature as VolumeKey;
    const hour = hourOfWeek(atMs, baseline.timeZone);
    const centre = baseline.volume[key].centre[hour] ?? 0;
    const spread = baseline.volume[key].spread[hour] ?? 1;
    const bound = (deviations: number) =>
      significant(Math.max(0, VOLUMES[key].from(centre + deviations * spread)));
    return { low: bound(-BAND), high: bound(BAND), typical: bound(0) };
  }
  if (feature === "patternSurprise" && baseline.sequence) {
    const { mean, deviation } = baseline.sequence;
    return { low: 0, high: significant(mean + BAND * 0.3 * deviation), typical: mean };
  }
  return null;
}

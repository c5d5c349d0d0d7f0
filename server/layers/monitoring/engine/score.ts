import { type Contribution, FEATURES, type WindowFeatures } from "../schema.ts";
import type { Baseline } from "./baseline.ts";
import { scoreOfLength } from "./calibrate.ts";
import { type Deviation, measure } from "./deviations.ts";
import { hourName } from "./hour-of-week.ts";
import { significant } from "./robust.ts";
import type { Scorer } from "./scorer.ts";

export type Score = { score: number; contributions: Contribution[] };

/** From how many deviations a feature is named as an alert, and as a warning. */
const ALERT_DEVIATIONS = 4;
const WARNING_DEVIATIONS = 2;

/**
 * Scores a one-minute window against an agent's baseline: 0 is usual; 0.5, 0.7 and 0.9 stand for one, a tenth and
 * a hundredth false alarm an agent and day (`calibrate`). Contributions come with what was expected, highest first.
 *
 * @param atMs end of the window, milliseconds since 1970.
 */
export function score(window: WindowFeatures, atMs: number, baseline: Baseline): Score {
  const { hour, length, features } = measure(window, atMs, baseline);
  const contributions = features
    .sort((a, b) => b.counted - a.counted || b.deviations - a.deviations)
    .map((feature) => explain(feature, hour, length));
  return { score: scoreOfLength(length, baseline.calibration), contributions };
}

/** The model that agents with a baseline are scored by. */
export const behaviourScorer: Scorer<{ features: WindowFeatures; atMs: number }, Baseline, Score> = {
  id: "behaviour",
  version: "2",
  score: ({ features, atMs }, baseline) => score(features, atMs, baseline),
};

function explain(deviation: Deviation, hour: number, length: number): Contribution {
  const { feature, value, expected, deviations, counted } = deviation;
  return {
    feature,
    value: significant(value),
    expected: {
      low: significant(expected.low),
      high: significant(expected.high),
      typical: significant(expected.typical),
    },
    deviations: Math.round(deviations * 10) / 10,
    share: length === 0 ? 0 : Math.round((counted / length) ** 2 * 1_000) / 1_000,
    flag: deviations >= ALERT_DEVIATIONS ? "alert" : deviations >= WARNING_DEVIATIONS ? "warning" : null,
    words: words(deviation, hour),
  };
}

function words({ feature, value, expected, deviations, strangers = [] }: Deviation, hour: number): string {
  const { title, unit, digits } = FEATURES.find((f) => f.key === feature) ?? FEATURES[0];
  const many = deviations.toFixed(1);
  if (feature === "timeOfDayDeviation")
    return `active on ${hourName(hour)}, when it is active in ${((1 - value) * 100).toFixed(1)} % of minutes (${many} deviations)`;
  if (feature === "geographicAnomaly")
    return strangers.length === 0
      ? "calls from known networks only"
      : `${(value * 100).toFixed(0)} % of calls from ${strangers.slice(0, 3).join(", ")}, never usual before (${many} deviations)`;
  if (feature === "patternSurprise" && deviations < 1) return "actions in their usual order";
  if (feature === "patternSurprise")
    return `order of actions ${many} deviations less predictable than usual (${value.toFixed(2)} against ${expected.typical.toFixed(2)} nats a step)`;
  const compared = deviations < 1 ? "as usual on" : `${many} deviations above`;
  return `${title} ${compared} ${hourName(hour)} (${value.toFixed(digits)} ${unit}; usual ${expected.low.toFixed(digits)} to ${expected.high.toFixed(digits)})`;
}

import type { Contribution, FeatureKey, WindowFeatures } from "../schema.ts";
import type { Score } from "./score.ts";
import type { Scorer } from "./scorer.ts";

/** Fixed limits for agents that have no baseline yet. The first is the seed's: more than 1,000 calls in 60 s. */
const LIMITS: readonly {
  feature: FeatureKey;
  above: number;
  callsMin: number;
  score: number;
  words: string;
}[] = [
  {
    feature: "apiCallsPerMinute",
    above: 1_000,
    callsMin: 0,
    score: 0.75,
    words: "more than 1,000 calls in 60 s",
  },
  { feature: "dataMegabytes", above: 1_000, callsMin: 0, score: 0.8, words: "more than 1,000 MB in 60 s" },
  {
    feature: "refusedRatio",
    above: 0.5,
    callsMin: 20,
    score: 0.75,
    words: "more than half of 20 or more calls refused",
  },
  {
    feature: "uniqueEndpoints",
    above: 200,
    callsMin: 0,
    score: 0.6,
    words: "more than 200 different endpoints in 60 s",
  },
];

/** No fixed limit contains an agent: without a baseline that is a person's decision. */
export const STATIC_SCORE_MAX = 0.9;

/**
 * Scores a window of an agent that is still learning by fixed limits alone; `label` says how far its learning
 * has come. Never above 0.9, so never contained by it.
 */
export function staticScore(window: WindowFeatures, label: string): Score {
  const passed = LIMITS.filter(
    (limit) =>
      window[limit.feature as keyof WindowFeatures as "dataMegabytes"] > limit.above &&
      window.apiCallsPerMinute >= limit.callsMin,
  );
  const score = Math.min(
    STATIC_SCORE_MAX,
    passed.reduce((highest, limit) => Math.max(highest, limit.score), 0),
  );
  const contributions = passed.map<Contribution>((limit) => ({
    feature: limit.feature,
    value: window[limit.feature as "dataMegabytes"],
    expected: { low: 0, high: limit.above, typical: 0 },
    deviations: 0,
    share: Math.round(1000 / passed.length) / 1000,
    flag: "alert",
    words: `${limit.words} (fixed limit; ${label})`,
  }));
  return { score, contributions };
}

/** The model that agents without a baseline are scored by; its baseline is how far their learning has come, in words. */
export const fixedLimits: Scorer<{ features: WindowFeatures; atMs: number }, string, Score> = {
  id: "fixed-limits",
  version: "1",
  score: ({ features }, learning) => staticScore(features, learning),
};

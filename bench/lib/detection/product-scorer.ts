import {
  type Baseline,
  type LearningWindow,
  learnBaseline,
  learningProgress,
} from "../../../server/layers/monitoring/engine/baseline.ts";
import { findDrift } from "../../../server/layers/monitoring/engine/drift.ts";
import { type ResponseState, respond } from "../../../server/layers/monitoring/engine/respond.ts";
import { score } from "../../../server/layers/monitoring/engine/score.ts";
import { staticScore } from "../../../server/layers/monitoring/engine/static-score.ts";
import { RESPONSE_THRESHOLDS, type WindowFeatures } from "../../../server/layers/monitoring/schema.ts";
import { DAY_MS, localTime, ZONE } from "../scenario/calendar.ts";

/** What a scorer says of one minute. */
export type Verdict = {
  score: number;
  /** The names of the features that stand out, gravest first. */
  named: string[];
  /** Whether the response to it contains the agent now. */
  contains: boolean;
};

/** What is fed the minutes of one agent in order. */
export type AgentScorer = { see: (window: { atMs: number; features: WindowFeatures }) => Verdict };

/** What the bench needs to know beside the verdicts. */
export type ScorerTally = { learnt: number; drifted: number; frozen: number };

/** As `learn-baselines` and `learningSpan`: six weeks, without the newest quarter of an hour. */
const MEMORY_MS = 42 * DAY_MS;
const FRESH_MS = 15 * 60_000;
/** People look at a containment and release the agent within the hour. */
const RELEASED_AFTER_MS = 3_600_000;

/**
 * The product's scorer as the worker uses it, over whole minutes: nothing is learnt before `learnFromMs`, then once a
 * day from clean minutes, unless the response is high or behaviour has drifted (which waits for a person, and none comes).
 * The only file that knows the scorer's names: another scorer is plugged in here.
 *
 * @param everyDays how often it is learnt again: tests that want to be quick learn seldom.
 */
export function productScorer(learnFromMs: number, tally: ScorerTally, everyDays = 1): AgentScorer {
  const windows: LearningWindow[] = [];
  let baseline: Baseline | null = null;
  let response: ResponseState | null = null;
  let containedUntilMs = 0;
  let learntDay = Number.NEGATIVE_INFINITY;

  const learn = (atMs: number) => {
    const today = localTime(atMs).day;
    if (atMs <= learnFromMs || today < learntDay + everyDays) return;
    learntDay = today;
    const level = response?.level;
    if (level === "limit" || level === "contain" || atMs < containedUntilMs) {
      tally.frozen += 1;
      return;
    }
    const clean = windows.filter((w) => w.atMs > atMs - MEMORY_MS && w.atMs <= atMs - FRESH_MS);
    const days = new Set(clean.map((w) => Math.floor((w.atMs - 1) / DAY_MS))).size;
    if (!learningProgress(clean.length, days).enough) return;
    const next = learnBaseline(clean, ZONE);
    if (baseline && findDrift(baseline, next)) {
      tally.drifted += 1;
      return;
    }
    tally.learnt += 1;
    baseline = next;
  };

  return {
    see: ({ atMs, features }) => {
      learn(atMs);
      const judged = baseline ? score(features, atMs, baseline) : staticScore(features, "learning");
      const released = atMs >= containedUntilMs;
      const decision = respond({
        state: response,
        score: judged.score,
        contained: !released,
        learning: baseline === null,
        nowMs: atMs,
      });
      const contains = released && decision.outcome === "contain";
      if (contains) containedUntilMs = atMs + RELEASED_AFTER_MS;
      response = decision.state;
      if (released && judged.score <= RESPONSE_THRESHOLDS.limit) windows.push({ atMs, features });
      const named = judged.contributions.filter(({ deviations }) => deviations > 0);
      return { score: judged.score, named: named.map(({ feature }) => feature), contains };
    },
  };
}

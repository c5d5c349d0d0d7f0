import type { Check } from "../../../kernel/decision.ts";
import { RESPONSE_LEVELS, RESPONSE_THRESHOLDS, type ResponseLevel } from "../schema.ts";

/** Where an agent's response stands, as stored. */
export type ResponseState = { level: ResponseLevel; sinceMs: number; calmSinceMs: number | null };

export type ResponseDecision = {
  outcome: ResponseLevel;
  checks: Check[];
  state: ResponseState;
  changed: boolean;
  /** Why it is limited where the score would contain it. */
  insteadOfContain?: string;
};

/** A level ends when the score has stayed this far under its threshold for this long. */
export const CALM_MARGIN = 0.1;
export const CALM_MS = 300_000;

/**
 * The graduated response (seed, module 5): above 0.5 it is recorded, above 0.7 limited and watched, above 0.9
 * contained; the numbers themselves do nothing. Up at once; down by one level only after five calm minutes.
 * Containment ends by people alone: while the agent is contained the level stays, and starts anew once released.
 */
export function respond(facts: {
  state: ResponseState | null;
  score: number;
  /** Whether the agent is contained now (isolation `deny_all`). */
  contained: boolean;
  /** An agent without a baseline is never contained by its score. */
  learning: boolean;
  nowMs: number;
}): ResponseDecision {
  const { score, contained, nowMs } = facts;
  const fresh: ResponseState = { level: "none", sinceMs: nowMs, calmSinceMs: null };
  const stored = facts.state ?? fresh;
  const current = stored.level === "contain" && !contained ? fresh : stored;
  const called = levelOf(score, facts.learning);
  const checks = thresholdChecks(score, facts.learning);
  const decide = (state: ResponseState) => ({
    outcome: state.level,
    checks,
    state,
    changed: state.level !== stored.level,
  });
  if (contained) return decide({ ...current, level: "contain", calmSinceMs: null });
  if (rank(called) > rank(current.level)) return decide({ level: called, sinceMs: nowMs, calmSinceMs: null });
  if (current.level === "none") return decide({ ...current, calmSinceMs: null });
  if (score > RESPONSE_THRESHOLDS[current.level] - CALM_MARGIN)
    return decide({ ...current, calmSinceMs: null });
  const calmSinceMs = current.calmSinceMs ?? nowMs;
  if (nowMs - calmSinceMs < CALM_MS) return decide({ ...current, calmSinceMs });
  const lower = RESPONSE_LEVELS[rank(current.level) - 1] ?? "none";
  return decide({ level: rank(called) > rank(lower) ? called : lower, sinceMs: nowMs, calmSinceMs: null });
}

function levelOf(score: number, learning: boolean): ResponseLevel {
  if (score > RESPONSE_THRESHOLDS.contain && !learning) return "contain";
  if (score > RESPONSE_THRESHOLDS.limit) return "limit";
  return score > RESPONSE_THRESHOLDS.record ? "record" : "none";
}

function thresholdChecks(score: number, learning: boolean): Check[] {
  const checks = Object.entries(RESPONSE_THRESHOLDS).map(([level, threshold]) => ({
    id: `score-${level}`,
    passed: score <= threshold,
    detail: `The score ${score} is ${score > threshold ? "above" : "not above"} ${threshold} (${level}).`,
  }));
  if (learning)
    checks.push({
      id: "learning",
      passed: true,
      detail: "The agent has no baseline yet; its score by itself never contains it.",
    });
  return checks;
}

function rank(level: ResponseLevel): number {
  return RESPONSE_LEVELS.indexOf(level);
}

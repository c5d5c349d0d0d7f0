import type { ScoringLag } from "../lag-schema.ts";

/** What one live worker said last of one of the two duties. */
export type SaidOfDuty = {
  duty: "fold-windows" | "score-windows";
  state: string;
  lastRunAtMs: number | null;
  lagMs: number | null;
  waiting: number | null;
  lastError: string | null;
};

/** Up to here scoring is fresh: a score is answered within seconds or it is late. */
export const FRESH_MS_MAX = 5_000;
/** A duty that ran this long ago stands: it runs each second or more often. */
export const RUN_MS_MAX = 10_000;

/**
 * How far scoring is behind, from what the workers said of folding and scoring. Each duty runs in one worker: of
 * several that speak of it, whoever ran it last is believed. What waits may have waited in both duties.
 */
export function scoringLagOf(said: readonly SaidOfDuty[], nowMs: number): ScoringLag {
  const fold = latestOf(said, "fold-windows");
  const score = latestOf(said, "score-windows");
  const foldMs = lagOf(fold, nowMs);
  const scoreMs = lagOf(score, nowMs);
  const measured = {
    foldMs,
    scoreMs,
    lagMs: foldMs === null || scoreMs === null ? null : foldMs + scoreMs,
    waiting: Math.max(0, fold?.waiting ?? 0),
    measuredAt: new Date(nowMs),
  };
  const standing = [fold, score].filter((duty) => stands(duty, nowMs));
  if (standing.length > 0) {
    const since = standing.map((duty) => duty?.lastRunAtMs ?? null);
    const known = since.filter((ms): ms is number => ms !== null);
    const error = standing.find((duty) => duty?.lastError)?.lastError;
    return {
      ...measured,
      state: "standing",
      since: known.length > 0 ? new Date(Math.min(...known)) : null,
      words: `scoring stands: ${standsWhy(fold, score, nowMs)}${error ? ` (${error})` : ""}`,
    };
  }
  const lagMs = measured.lagMs ?? 0;
  const state = lagMs <= FRESH_MS_MAX ? "fresh" : "behind";
  return { ...measured, state, since: null, words: `scoring is ${Math.round(lagMs)} ms behind` };
}

function latestOf(said: readonly SaidOfDuty[], duty: SaidOfDuty["duty"]): SaidOfDuty | null {
  return said
    .filter((one) => one.duty === duty && one.state !== "standby" && one.state !== "starting")
    .reduce<SaidOfDuty | null>(
      (last, one) => (last && (last.lastRunAtMs ?? 0) >= (one.lastRunAtMs ?? 0) ? last : one),
      null,
    );
}

function stands(duty: SaidOfDuty | null, nowMs: number): boolean {
  return !duty || duty.lastRunAtMs === null || nowMs - duty.lastRunAtMs > RUN_MS_MAX;
}

/** What waited at its last run has waited longer since; what nobody measured is not zero. */
function lagOf(duty: SaidOfDuty | null, nowMs: number): number | null {
  if (!duty || duty.lagMs === null || duty.lastRunAtMs === null) return null;
  const sinceRunMs = Math.max(0, nowMs - duty.lastRunAtMs);
  const growing = duty.lagMs > FRESH_MS_MAX || sinceRunMs > FRESH_MS_MAX;
  return Math.round(Math.max(0, duty.lagMs) + (growing ? sinceRunMs : 0));
}

function standsWhy(fold: SaidOfDuty | null, score: SaidOfDuty | null, nowMs: number): string {
  if (!fold && !score) return "no worker has taken it up";
  const words = { "fold-windows": "counts are not folded", "score-windows": "windows are not scored" };
  return (["fold-windows", "score-windows"] as const)
    .filter((name) => stands(name === "fold-windows" ? fold : score, nowMs))
    .map((name) => words[name])
    .join(" and ");
}

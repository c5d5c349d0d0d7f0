import { type Check, verdict } from "../../../kernel/decision.ts";
import { type Contribution, FEATURES, type FeatureKey } from "../schema.ts";

/** What one verdict said of one cause of one alert. */
export type Lesson = {
  alertId: string;
  feature: FeatureKey;
  disposition: "true-positive" | "false-positive" | "benign";
  /** What the cause measured, in its own unit. */
  value: number;
  /** The person who judged: two accounts of one mailbox are one. */
  person: string;
  atMs: number;
};

/** How much lower a cause of an agent is weighed, and why. */
export type Allowance = {
  feature: FeatureKey;
  /** Taken off a score that this cause alone makes; less where it makes a part. */
  points: number;
  /** Up to what value: what was looked at, and nothing beyond it. */
  valueMax: number;
  /** From the lowest value at which an attack was seen, nothing is taken off; null where none was. */
  attackFrom: number | null;
  verdicts: number;
  people: number;
  days: number;
  /** When it stops counting at the latest, without further verdicts; null where it does not count. */
  endsMs: number | null;
  counts: boolean;
  words: string;
};

export const ALLOWANCE_STEP = 0.05;
/** Less than from any threshold to the next: an allowance never takes off more than one level of the response. */
export const ALLOWANCE_MAX = 0.15;
/** One verdict, one person or one day is nothing: an attack that is closed as benign once teaches nothing. */
export const VERDICTS_MIN = 3;
export const PEOPLE_MIN = 2;
export const DAYS_MIN = 2;
export const LESSON_MS = 30 * 86_400_000;
/** What an attack showed is remembered longer than what was false. */
export const ATTACK_MS = 180 * 86_400_000;
const DAY_MS = 86_400_000;

/**
 * What analysts' verdicts allow, cause by cause: after three false alarms on two days, judged by two people, 0.05 and
 * so much for each further one, at most 0.15, for thirty days. Never from the value on at which an attack was seen.
 * Verdicts that lie ahead of `nowMs` do not count.
 */
export function learnAllowances(lessons: readonly Lesson[], nowMs: number): Allowance[] {
  const latest = new Map<string, Lesson>();
  for (const lesson of [...lessons].sort((a, b) => a.atMs - b.atMs))
    if (lesson.atMs <= nowMs) latest.set(`${lesson.alertId} ${lesson.feature}`, lesson);
  const counting = [...latest.values()];
  return FEATURES.flatMap(({ key, title }) => {
    const own = counting.filter(({ feature }) => feature === key);
    const harmless = own.filter(
      ({ disposition, atMs }) => disposition !== "true-positive" && nowMs - atMs < LESSON_MS,
    );
    const attacks = own.filter(
      ({ disposition, atMs }) => disposition === "true-positive" && nowMs - atMs < ATTACK_MS,
    );
    return harmless.length + attacks.length === 0 ? [] : [allowanceOf(key, title, harmless, attacks)];
  });
}

function allowanceOf(
  feature: FeatureKey,
  title: string,
  harmless: readonly Lesson[],
  attacks: readonly Lesson[],
): Allowance {
  const people = new Set(harmless.map(({ person }) => person)).size;
  const days = new Set(harmless.map(({ atMs }) => Math.floor(atMs / DAY_MS))).size;
  const verdicts = harmless.length;
  const attackFrom = attacks.length > 0 ? Math.min(...attacks.map(({ value }) => value)) : null;
  const valueMax = Math.max(0, ...harmless.map(({ value }) => value));
  const counts = verdicts >= VERDICTS_MIN && people >= PEOPLE_MIN && days >= DAYS_MIN;
  const points = counts ? Math.min(ALLOWANCE_MAX, ALLOWANCE_STEP * (verdicts - VERDICTS_MIN + 1)) : 0;
  const newestFirst = harmless.map(({ atMs }) => atMs).sort((a, b) => b - a);
  const needed = newestFirst[VERDICTS_MIN - 1];
  const judged = `${verdicts} false alarms by ${people} ${people === 1 ? "person" : "people"} on ${days} ${days === 1 ? "day" : "days"}`;
  const until = attackFrom === null ? "" : `, and not from ${attackFrom} on, where an attack was seen`;
  return {
    ...{
      feature,
      points: Math.round(points * 100) / 100,
      valueMax,
      attackFrom,
      verdicts,
      people,
      days,
      counts,
    },
    endsMs: counts && needed !== undefined ? needed + LESSON_MS : null,
    words: counts
      ? `${title}: ${judged}; up to ${points.toFixed(2)} less up to a value of ${valueMax}${until}`
      : `${title}: ${judged}; it takes ${VERDICTS_MIN} by ${PEOPLE_MIN} people on ${DAYS_MIN} days to count`,
  };
}

/**
 * Lowers a score by what analysts' verdicts allow for its causes, each by its part in the score. Nothing is lowered
 * where a cause is beyond what was judged, or as high as in an attack; never by more than 0.15, never below 0.
 *
 * @returns the score that thresholds are compared with, and a check for each allowance that had a say.
 */
export function applyAllowances(
  measured: { score: number; contributions: readonly Contribution[] },
  allowances: readonly Allowance[],
): { score: number; checks: Check[] } {
  let taken = 0;
  const checks: Check[] = [];
  const attacked = measured.contributions.some((cause) => {
    const known = allowances.find(({ feature }) => feature === cause.feature);
    return known?.attackFrom != null && cause.deviations > 0 && cause.value >= known.attackFrom;
  });
  for (const cause of measured.contributions) {
    const allowance = allowances.find(({ feature, counts }) => counts && feature === cause.feature);
    if (!allowance || cause.share <= 0) continue;
    const within = cause.value <= allowance.valueMax && !attacked;
    const points = within ? allowance.points * Math.min(1, cause.share) : 0;
    taken += points;
    checks.push(
      verdict(
        `allowance-${cause.feature}`,
        within,
        `${points.toFixed(3)} is taken off ${measured.score}: ${allowance.words}.`,
        attacked
          ? `Nothing is taken off: a cause is as high as in an attack that was seen (${allowance.words}).`
          : `Nothing is taken off: ${cause.value} is beyond what was judged (${allowance.words}).`,
      ),
    );
  }
  const lowered = Math.max(0, measured.score - Math.min(ALLOWANCE_MAX, taken));
  return { score: Math.round(lowered * 10_000) / 10_000, checks };
}

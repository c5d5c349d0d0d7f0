import { type Check, verdict } from "../../../kernel/decision.ts";
import { type Contribution, type FeatureKey, RESPONSE_THRESHOLDS } from "../schema.ts";
import type { ResponseDecision, ResponseState } from "./respond.ts";

/** After two people released an agent, what it was contained for does not contain it again at once. */
export const COOL_DOWN_MS = 30 * 60_000;
/** The same height: so much more of a cause, and of the score, is still what was released. */
export const HEIGHT_SLACK = 1.1;
export const SCORE_SLACK = 0.01;
/** What an approved change may explain. Where calls come from and what is refused it never does. */
export const EXPLAINABLE: readonly FeatureKey[] = [
  "apiCallsPerMinute",
  "dataMegabytes",
  "uniqueEndpoints",
  "bytesPerCall",
  "timeOfDayDeviation",
  "patternSurprise",
];

export type RunningMaintenance = {
  id: string;
  causes: readonly FeatureKey[];
  startsMs: number;
  endsMs: number;
  /** When somebody ended it before its time. */
  cancelledMs: number | null;
  reason: string;
};
export type CoolDown = {
  containmentId: string;
  score: number;
  causes: readonly { feature: FeatureKey; value: number }[];
  startsMs: number;
  endsMs: number;
};
/** An approval with its limits, and what is left of the window without what it covers. */
export type ConsultedApproval = {
  approvalId: string;
  scope: string;
  fromMs: number;
  endsMs: number;
  /** Whether it says how much: one without limits explains nothing. */
  limited: boolean;
  covered: number;
  seen: number;
  /** The score of the rest; null where there was more than is looked at. */
  restScore: number | null;
};

export type TemperFacts = {
  stored: ResponseState | null;
  score: number;
  contributions: readonly Contribution[];
  /** Alerts of this moment that forbid it: forbidden data, credentials, critical rules. */
  forbidding: readonly string[];
  maintenance: readonly RunningMaintenance[];
  coolDowns: readonly CoolDown[];
  approvals: readonly ConsultedApproval[];
  nowMs: number;
};

/**
 * Whether a decision to contain becomes a limit with a page: where maintenance that two people agreed on names all of
 * its causes; where the same, no higher, was released by two people within half an hour; or where without what an
 * approval with limits covers nothing is left that would limit. Each thing consulted is a check; none counts while an
 * alert forbids it. Every other decision stays as it is.
 */
export function temper(decision: ResponseDecision, facts: TemperFacts): ResponseDecision {
  if (decision.outcome !== "contain") return decision;
  const causes = causesOf(facts.contributions);
  const reasons = [
    ...facts.maintenance.map((one) => inMaintenance(one, causes, facts)),
    ...facts.coolDowns.map((one) => coolingDown(one, causes, facts)),
    ...facts.approvals.map((one) => explains(one, causes, facts)),
  ];
  const allowed = forbidden(facts.forbidding);
  const checks = [...decision.checks, ...reasons, ...(reasons.length > 0 ? [allowed] : [])];
  const found = reasons.find(({ passed }) => passed);
  if (!found || !allowed.passed) return { ...decision, checks };
  const level = "limit" as const;
  const standing = facts.stored?.level === level ? facts.stored.sinceMs : facts.nowMs;
  return {
    outcome: level,
    checks,
    state: { level, sinceMs: standing, calmSinceMs: null },
    changed: facts.stored?.level !== level,
    insteadOfContain: found.detail,
  };
}

/** The causes of a score: the features that are flagged, or all that have a part where none is. */
export function causesOf(contributions: readonly Contribution[]): Contribution[] {
  const flagged = contributions.filter(({ flag }) => flag !== null);
  return flagged.length > 0 ? flagged : contributions.filter(({ share }) => share > 0);
}

/** Of all windows that call for containing, how high each cause was: what a release of it is about. */
export function heightsOf(
  windows: readonly { contributions: readonly Contribution[] }[],
): { feature: FeatureKey; value: number }[] {
  const highest = new Map<FeatureKey, number>();
  for (const { contributions } of windows)
    for (const { feature, value } of causesOf(contributions))
      highest.set(feature, Math.max(value, highest.get(feature) ?? value));
  return [...highest].map(([feature, value]) => ({ feature, value }));
}

function inMaintenance(
  { id, causes: named, startsMs, endsMs, cancelledMs, reason }: RunningMaintenance,
  causes: readonly Contribution[],
  { nowMs }: TemperFacts,
): Check {
  const lasts = startsMs <= nowMs && nowMs < endsMs && (cancelledMs === null || nowMs < cancelledMs);
  const others = causes.filter(({ feature }) => !named.includes(feature)).map(({ feature }) => feature);
  const passed = lasts && causes.length > 0 && others.length === 0;
  const until = new Date(endsMs).toISOString();
  return verdict(
    `maintenance-${id}`,
    passed,
    `Maintenance until ${until} names all of its causes (${reason}): it is limited instead of contained.`,
    lasts
      ? `Maintenance until ${until} does not name ${others.join(", ") || "what this is"}.`
      : `Maintenance does not run now: it is from ${new Date(startsMs).toISOString()} until ${until}.`,
  );
}

function coolingDown(
  { containmentId, score, causes: released, startsMs, endsMs }: CoolDown,
  causes: readonly Contribution[],
  facts: TemperFacts,
): Check {
  const lasts = startsMs <= facts.nowMs && facts.nowMs < endsMs;
  const known = (cause: Contribution) =>
    released.some(({ feature, value }) => feature === cause.feature && cause.value <= HEIGHT_SLACK * value);
  const beyond = causes.filter((cause) => !known(cause)).map(({ feature }) => feature);
  const higher = facts.score > score + SCORE_SLACK;
  const until = new Date(endsMs).toISOString();
  return verdict(
    `cool-down-${containmentId}`,
    lasts && causes.length > 0 && beyond.length === 0 && !higher,
    `The same, no higher, was released by two people; until ${until} it is limited instead of contained again.`,
    !lasts
      ? `The cool-down of the last release is over since ${until}.`
      : higher
        ? `Its score ${facts.score} is higher than the ${score} that was released.`
        : `${beyond.join(", ") || "What this is"} is another cause, or more of it, than was released.`,
  );
}

function explains(
  { approvalId, scope, fromMs, endsMs, limited, covered, seen, restScore }: ConsultedApproval,
  causes: readonly Contribution[],
  { nowMs }: TemperFacts,
): Check {
  const lasts = fromMs <= nowMs && nowMs < endsMs;
  const others = causes.filter(({ feature }) => !EXPLAINABLE.includes(feature)).map(({ feature }) => feature);
  const quiet = restScore !== null && restScore <= RESPONSE_THRESHOLDS.limit;
  const of = `Approval ${approvalId} of ${scope}`;
  const why = () => {
    if (!lasts)
      return `is for ${new Date(fromMs).toISOString()} until ${new Date(endsMs).toISOString()}, not now`;
    if (!limited) return "has no limits, so it does not say how much was agreed to";
    if (others.length > 0) return `does not explain ${others.join(", ")}, which no approval does`;
    if (restScore === null) return "was not weighed: more happened than is looked at before containing";
    if (covered === 0) return `covers none of the ${seen} actions`;
    return `covers ${covered} of ${seen} actions; without them the score is still ${restScore}`;
  };
  const passed = lasts && limited && others.length === 0 && covered > 0 && quiet;
  return verdict(
    `approval-${approvalId}`,
    passed,
    `${of} covers ${covered} of ${seen} actions within its limits; without them the score is ${restScore}: it is limited instead of contained.`,
    passed ? "" : `${of} ${why()}.`,
  );
}

function forbidden(alerts: readonly string[]): Check {
  return verdict(
    "nothing-forbids",
    alerts.length === 0,
    "No alert on forbidden data or credentials stands against it.",
    `Contained all the same: ${alerts.join(", ")}.`,
  );
}

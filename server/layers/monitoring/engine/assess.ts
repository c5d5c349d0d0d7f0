import type { Check } from "../../../kernel/decision.ts";
import { type Contribution, type FeatureKey, RESPONSE_THRESHOLDS, type WindowFeatures } from "../schema.ts";
import { type Allowance, applyAllowances } from "./allowance.ts";
import type { Baseline } from "./baseline.ts";
import { featuresOf } from "./features.ts";
import { learningScorer, type PeerPrior } from "./peer-prior.ts";
import type { PlaceFinder } from "./place-of.ts";
import { type ResponseDecision, type ResponseState, respond } from "./respond.ts";
import { behaviourScorer, type Score } from "./score.ts";
import { modelName } from "./scorer.ts";
import type { Whereabouts } from "./sightings.ts";
import { SLICE_MS, type Slice, WINDOW_MS } from "./slice.ts";
import { fixedLimits } from "./static-score.ts";
import { findFalseClaim, findTravel, withTravel } from "./travel.ts";
import { endsOf, endsWithSlice, isAnswered, minuteEnd, type ScoredMinute } from "./windows-to-judge.ts";

/** What is known of an agent when its slices have changed. */
export type AgentStanding = {
  baseline: Baseline | null;
  /** How far learning has come, in words, where there is no baseline. */
  learning: string;
  response: ResponseState | null;
  contained: boolean;
  /** What analysts' verdicts take off the score before it is compared. */
  allowances?: readonly Allowance[];
  /** Minutes of its peers, where it has too few of its own. */
  peers?: PeerPrior | null;
  /** Past minutes as they were scored before, by their end: what comes late is not answered twice. */
  scored?: ReadonlyMap<number, ScoredMinute>;
  /** Where networks are, and from where the agent was seen in the last day. */
  places?: { placeOf: PlaceFinder; known: Whereabouts };
};

/** A minute to be stored: what baselines are learnt from and charts are drawn from. */
export type MinuteRow = {
  atMs: number;
  features: WindowFeatures & Partial<Record<FeatureKey, number>>;
  /** The highest of the sliding windows that end in this minute; null while the agent is learning. */
  score: number | null;
  contributions: Contribution[];
  /** Id and version of the model that scored it. */
  scorer: string;
  excluded: boolean;
};

export type Assessment = Score & {
  scorer: string;
  windowEndMs: number | null;
  /** Every window that calls for containing, the highest first: each must be explained for none to contain. */
  containing?: (Score & { endMs: number })[];
  decision: ResponseDecision;
  minutes: MinuteRow[];
  /** Only past minutes changed, and nothing in them calls for an answer: the response stays as it was. */
  held: boolean;
};

type Judged = Score & { endMs: number; features: WindowFeatures };

/**
 * Scores every sliding minute that the changed slices are part of, and decides the response to the highest. With no
 * changed slice (silence) the score is 0, which is what ends a response in time.
 *
 * @param slices the agent's slices by start, from 100 s before to 100 s after each changed one.
 */
export function assess(
  agent: AgentStanding,
  slices: ReadonlyMap<number, Slice>,
  changedMs: readonly number[],
  nowMs: number,
): Assessment {
  const judged = endsOf(slices, changedMs).map((endMs) => judge(agent, slices, endMs));
  const scored = judged.filter(({ endMs }) => endsWithSlice(slices, endMs));
  const facts = { changedMs, scored: agent.scored, nowMs };
  // A lesser window without an allowance may call for more than the highest with one.
  const weighed = scored
    .filter((one) => isAnswered(one, facts))
    .map((one) => ({ one, ...applyAllowances(one, agent.allowances ?? []) }));
  const allowed = weighed.reduce<{ one: Judged; score: number; checks: Check[] } | null>(
    (best, each) => (best && best.score >= each.score ? best : each),
    null,
  );
  const peak = allowed?.one ?? null;
  const responded = respond({
    state: agent.response,
    score: allowed?.score ?? 0,
    contained: agent.contained,
    learning: agent.baseline === null,
    nowMs,
  });
  const decision = { ...responded, checks: [...responded.checks, ...(allowed?.checks ?? [])] };
  return {
    score: allowed?.score ?? 0,
    contributions: peak?.contributions ?? [],
    scorer: scorerOf(agent),
    windowEndMs: peak?.endMs ?? null,
    containing: weighed
      .filter(({ score }) => score > RESPONSE_THRESHOLDS.contain)
      .sort((a, b) => b.score - a.score)
      .map(({ one: { endMs, contributions }, score }) => ({ endMs, contributions, score })),
    decision,
    minutes: minutesOf(agent, judged, scored),
    held: changedMs.length > 0 && peak === null,
  };
}

function judge(agent: AgentStanding, slices: ReadonlyMap<number, Slice>, endMs: number): Judged {
  const inside: Slice[] = [];
  for (let at = endMs - WINDOW_MS; at < endMs; at += SLICE_MS) {
    const slice = slices.get(at);
    if (slice) inside.push(slice);
  }
  const features = featuresOf(inside);
  const window = { features, atMs: endMs };
  const judged = agent.baseline
    ? behaviourScorer.score(window, agent.baseline)
    : learningScorer.score(window, { label: agent.learning, peers: agent.peers ?? null });
  return { ...withPlaces(agent, inside, features, judged), endMs, features };
}

function withPlaces(
  { places, baseline }: AgentStanding,
  inside: readonly Slice[],
  { networks }: WindowFeatures,
  judged: Score,
): Score {
  if (!places) return judged;
  const { placeOf, known } = places;
  const seen = inside.flatMap((slice) => (slice.seen ? [slice.seen] : []));
  const journey = findTravel(seen, known, placeOf);
  const claim = inside.some((slice) => slice.claimed) ? findFalseClaim(seen, networks, placeOf) : null;
  return withTravel(judged, { journey, claim, learning: baseline === null });
}

function minutesOf(agent: AgentStanding, judged: readonly Judged[], scored: readonly Judged[]): MinuteRow[] {
  const peaks = new Map<number, Judged>();
  for (const one of scored) {
    const best = peaks.get(minuteEnd(one.endMs));
    if (!best || one.score > best.score) peaks.set(minuteEnd(one.endMs), one);
  }
  return judged
    .filter(({ endMs }) => endMs === minuteEnd(endMs))
    .map((minute) => {
      const peak = peaks.get(minute.endMs) ?? minute;
      return {
        atMs: minute.endMs,
        features: { ...minute.features, ...derived(minute.contributions) },
        score: agent.baseline ? peak.score : null,
        contributions: peak.contributions,
        scorer: scorerOf(agent),
        excluded: agent.contained || peak.score > RESPONSE_THRESHOLDS.limit,
      };
    });
}

/** The features that only a baseline gives a value to, for the charts. */
function derived(contributions: readonly Contribution[]): Partial<Record<FeatureKey, number>> {
  const keys: readonly FeatureKey[] = [
    "timeOfDayDeviation",
    "geographicAnomaly",
    "patternSurprise",
    "impossibleTravel",
  ];
  return Object.fromEntries(
    contributions
      .filter(({ feature }) => keys.includes(feature))
      .map(({ feature, value }) => [feature, value]),
  );
}

function scorerOf({ baseline, peers }: AgentStanding): string {
  return modelName(baseline ? behaviourScorer : peers ? learningScorer : fixedLimits);
}

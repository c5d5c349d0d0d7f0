import { type Contribution, type FeatureKey, RESPONSE_THRESHOLDS, type WindowFeatures } from "../schema.ts";
import type { Baseline } from "./baseline.ts";
import { featuresOf } from "./features.ts";
import type { PlaceFinder } from "./place-of.ts";
import { type ResponseDecision, type ResponseState, respond } from "./respond.ts";
import { type Score, score } from "./score.ts";
import type { Whereabouts } from "./sightings.ts";
import { SLICE_MS, type Slice, WINDOW_MS } from "./slice.ts";
import { staticScore } from "./static-score.ts";
import { findFalseClaim, findTravel, withTravel } from "./travel.ts";
import { endsOf, endsWithSlice, isAnswered, minuteEnd, type ScoredMinute } from "./windows-to-judge.ts";

/** What is known of an agent when its slices have changed. */
export type AgentStanding = {
  baseline: Baseline | null;
  /** How far learning has come, in words, where there is no baseline. */
  learning: string;
  response: ResponseState | null;
  contained: boolean;
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
  excluded: boolean;
};

export type Assessment = Score & {
  windowEndMs: number | null;
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
  const peak = scored
    .filter((one) => isAnswered(one, facts))
    .reduce<Judged | null>((best, one) => (best && best.score >= one.score ? best : one), null);
  const decision = respond({
    state: agent.response,
    score: peak?.score ?? 0,
    contained: agent.contained,
    learning: agent.baseline === null,
    nowMs,
  });
  return {
    score: peak?.score ?? 0,
    contributions: peak?.contributions ?? [],
    windowEndMs: peak?.endMs ?? null,
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
  const judged = agent.baseline
    ? score(features, endMs, agent.baseline)
    : staticScore(features, agent.learning);
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

import type { WindowFeatures } from "../schema.ts";
import { type Baseline, LEARNING_WINDOWS, type LearningWindow, learnBaseline } from "./baseline.ts";
import { type Score, score } from "./score.ts";
import type { Scorer } from "./scorer.ts";
import { STATIC_SCORE_MAX, staticScore } from "./static-score.ts";

/** What an agent with too little of its own is measured against. */
export type PeerPrior = { id: string; baseline: Baseline; peers: number };

/** Fewer than this are no kind: one odd agent must not be what another is measured by. */
export const PEERS_MIN = 3;
/** Further ones add nothing to learn from. */
export const PEERS_MAX = 20;
/** Minutes of all peers together while the agent has none: three times what its own baseline needs. */
const PRIOR_WINDOWS = 3 * LEARNING_WINDOWS;

/**
 * Pools minutes of an agent's peers with its own: each peer gives the same number, spread evenly over its time, and
 * the more of its own the agent has, the fewer they give; at as many as a baseline needs they give none.
 *
 * @param peers of each peer, its clean minutes. @returns null with fewer than three peers, or nothing to learn from.
 */
export function poolWithPeers(
  own: readonly LearningWindow[],
  peers: readonly (readonly LearningWindow[])[],
  timeZone: string,
): { baseline: Baseline; ownWindows: number; peerWindows: number } | null {
  const active = peers.map((windows) => windows.filter(isActive)).filter((windows) => windows.length > 0);
  if (active.length < PEERS_MIN) return null;
  const mine = own.filter(isActive);
  const share = Math.max(0, 1 - mine.length / LEARNING_WINDOWS);
  const each = Math.ceil((PRIOR_WINDOWS * share) / active.length);
  const theirs = active.flatMap((windows) => spread(windows, Math.min(each, shortest(active))));
  const all = [...mine, ...theirs].sort((a, b) => a.atMs - b.atMs);
  if (all.length === 0) return null;
  return {
    baseline: learnBaseline(all, timeZone),
    ownWindows: mine.length,
    peerWindows: theirs.length,
  };
}

/**
 * Scores a window of an agent that is learning: by fixed limits and, where there are peers, by what is usual for
 * them; the higher counts. Never above 0.9, so never contained by it alone.
 */
export function learningScore(
  window: WindowFeatures,
  atMs: number,
  known: { label: string; peers: PeerPrior | null },
): Score {
  const { label, peers } = known;
  const fixed = staticScore(window, label);
  if (!peers) return fixed;
  const by = score(window, atMs, peers.baseline);
  const compared = Math.min(STATIC_SCORE_MAX, by.score);
  if (fixed.score >= compared && fixed.contributions.length > 0) return fixed;
  const contributions = by.contributions.map((one) => ({
    ...one,
    words: `${one.words} (peers: ${peers.peers} agents; ${label})`,
  }));
  return { ...by, score: compared, contributions };
}

/** The model that an agent is scored by while it learns and has peers; without them the fixed limits alone speak. */
export const learningScorer: Scorer<
  { features: WindowFeatures; atMs: number },
  { label: string; peers: PeerPrior | null },
  Score
> = {
  id: "peers",
  version: "1",
  score: ({ features, atMs }, known) => learningScore(features, atMs, known),
};

function isActive({ features }: LearningWindow): boolean {
  return features.apiCallsPerMinute > 0;
}

/** No peer gives more than the one with the least has: a busy one is not the kind. */
function shortest(peers: readonly (readonly LearningWindow[])[]): number {
  return Math.min(...peers.map((windows) => windows.length));
}

/** So many of the windows, evenly over the whole. */
function spread(windows: readonly LearningWindow[], count: number): LearningWindow[] {
  const step = windows.length / count;
  return Array.from({ length: count }, (_, i) => windows[Math.floor(i * step)]).filter(
    (w) => w !== undefined,
  );
}

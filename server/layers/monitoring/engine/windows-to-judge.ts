import { type Contribution, RESPONSE_THRESHOLDS } from "../schema.ts";
import { SLICE_MS, type Slice, WINDOW_MS } from "./slice.ts";

/** What a minute was scored as before: what made it up was answered then. */
export type ScoredMinute = { score: number | null; flagged: readonly string[] };

/** A minute that ended this long ago is past: nothing that its agent does now is in it. */
const PAST_MS = 120_000;

/** The end of the minute that an instant is in; a full minute is its own end. */
export function minuteEnd(endMs: number): number {
  return Math.ceil(endMs / WINDOW_MS) * WINDOW_MS;
}

/**
 * Ends of the windows that give the minutes' scores: of each minute that a changed slice weighs on, every window that
 * ends with a slice, and the full minute. All of them, since a minute's score then follows from its slices alone, in
 * whatever order and parts they came.
 */
export function endsOf(slices: ReadonlyMap<number, Slice>, changedMs: readonly number[]): number[] {
  const minutes = new Set<number>();
  for (const sliceMs of changedMs)
    for (let end = sliceMs + SLICE_MS; end <= sliceMs + WINDOW_MS; end += SLICE_MS)
      if (endsWithSlice(slices, end)) minutes.add(minuteEnd(end));
  const ends = new Set<number>(minutes);
  for (const minute of minutes)
    for (let end = minute - WINDOW_MS + SLICE_MS; end < minute; end += SLICE_MS)
      if (endsWithSlice(slices, end)) ends.add(end);
  return [...ends].sort((a, b) => a - b);
}

/** Whether a window counts towards a score: one that ends in silence is part of an earlier one that does not. */
export function endsWithSlice(slices: ReadonlyMap<number, Slice>, endMs: number): boolean {
  return slices.has(endMs - SLICE_MS);
}

/**
 * Whether a window is answered now. What the agent does now is, whatever it scores. A window of a minute that is past
 * is when it passes the first line, and then once: what was scored as high before was answered before.
 */
export function isAnswered(
  window: { endMs: number; score: number; contributions: readonly Contribution[] },
  facts: {
    changedMs: readonly number[];
    scored: ReadonlyMap<number, ScoredMinute> | undefined;
    nowMs: number;
  },
): boolean {
  const { endMs, score, contributions } = window;
  const isChanged = facts.changedMs.some((ms) => ms >= endMs - WINDOW_MS && ms < endMs);
  if (!isChanged) return false;
  if (minuteEnd(endMs) > facts.nowMs - PAST_MS) return true;
  if (score <= RESPONSE_THRESHOLDS.record) return false;
  const before = facts.scored?.get(minuteEnd(endMs));
  if (!before) return true;
  if (before.score !== null) return score > before.score;
  return contributions.some(({ flag, feature }) => flag !== null && !before.flagged.includes(feature));
}

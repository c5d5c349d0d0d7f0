import type { Risk } from "#server/layers/authorization/policy-schema.ts";
import type { Tone } from "../ui/tone.ts";

type Waiting = { requestedAt: Date; expiresAt: Date; risk: Risk | null };

const HOUR_MS = 3_600_000;

/**
 * How pressing an open request is: by what is left of its time, and one step more where the scope is HIGH. A request
 * that nobody answers ends; the word says how near that is.
 */
export function urgencyOf(
  { requestedAt, expiresAt, risk }: Waiting,
  nowMs: number,
): { tone: Tone; word: string } {
  const leftMs = expiresAt.getTime() - nowMs;
  const wholeMs = Math.max(1, expiresAt.getTime() - requestedAt.getTime());
  if (leftMs <= 0) return { tone: "neutral", word: "over" };
  const near = leftMs <= HOUR_MS ? 2 : leftMs / wholeMs <= 0.25 ? 1 : 0;
  const level = near + (risk === "HIGH" ? 1 : 0);
  if (level >= 3) return { tone: "critical", word: "now" };
  if (level === 2) return { tone: "high", word: "soon" };
  return level === 1 ? { tone: "medium", word: "today" } : { tone: "neutral", word: "calm" };
}

/** The most pressing first; among equals, who has waited longest. */
export function byUrgency<Row extends Waiting>(rows: readonly Row[], nowMs: number): Row[] {
  const rank: Record<string, number> = { now: 0, soon: 1, today: 2, calm: 3, over: 4 };
  return [...rows].sort(
    (a, b) =>
      (rank[urgencyOf(a, nowMs).word] ?? 9) - (rank[urgencyOf(b, nowMs).word] ?? 9) ||
      a.requestedAt.getTime() - b.requestedAt.getTime(),
  );
}

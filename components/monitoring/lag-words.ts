import type { ScoringLag } from "#server/layers/monitoring/lag-schema.ts";
import { formatAgo, formatCount, formatDuration } from "../ui/format.ts";
import type { Tone } from "../ui/tone.ts";

/** A measurement this old says nothing of now. */
const MEASURED_MS_MAX = 30_000;

/** The lag of scoring as a badge and the sentence behind it. An old or missing measurement never looks fresh. */
export function lagWords(
  lag: ScoringLag | null,
  failed: boolean,
  nowMs: number,
): { text: string; tone: Tone; title: string } {
  if (!lag)
    return failed
      ? { text: "lag not known", tone: "medium", title: "How far scoring is behind could not be read." }
      : { text: "lag …", tone: "neutral", title: "How far scoring is behind is being read." };
  if (nowMs - lag.measuredAt.getTime() > MEASURED_MS_MAX)
    return {
      text: "lag not known",
      tone: "medium",
      title: `The last measurement is of ${formatAgo(lag.measuredAt, nowMs)}: ${lag.words}.`,
    };
  if (lag.state === "standing")
    return {
      text: lag.since ? `scoring stands, last run ${formatAgo(lag.since, nowMs)}` : "scoring stands",
      tone: "critical",
      title: `${capital(lag.words)}. What agents do is recorded; nothing is scored until a worker runs.`,
    };
  const lagMs = lag.lagMs ?? 0;
  const parts = `Folding ${formatDuration(lag.foldMs ?? 0)}, scoring ${formatDuration(lag.scoreMs ?? 0)}`;
  const title = `${parts}; ${formatCount(lag.waiting)} counts wait. Measured by the worker's own runs.`;
  return lag.state === "behind"
    ? { text: `scoring ${formatDuration(lagMs)} behind`, tone: "high", title }
    : { text: "scoring fresh", tone: "ok", title };
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

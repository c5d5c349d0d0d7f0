import type { SignalAuth, SignalKind } from "#server/layers/monitoring/signal-schema.ts";
import type { SignalView, SourceView } from "#server/layers/monitoring/signal-source-schema.ts";
import { formatCount, formatDuration } from "../../ui/format.ts";
import type { Tone } from "../../ui/tone.ts";

export const KIND_WORDS: Record<SignalKind, string> = {
  falco: "Falco",
  falcosidekick: "falcosidekick",
  datadog: "Datadog",
  sysdig: "Sysdig Secure",
  generic: "Something else",
};

export const AUTH_WORDS: Record<SignalAuth, string> = {
  bearer: "A secret in a header",
  signature: "A signature over each message",
  certificate: "A certificate of Vigil's own",
};

export const OUTCOME_WORDS: Record<SignalView["outcome"], { word: string; tone: Tone }> = {
  mapped: { word: "mapped", tone: "ok" },
  unmapped: { word: "no agent", tone: "medium" },
  held: { word: "unreadable", tone: "high" },
};

type Health = Pick<SourceView, "enabled" | "silentSince" | "receivedAt" | "gaps" | "day">;

/** How a source is, the worst first. One that was never heard is not well. */
export function healthOf({ enabled, silentSince, receivedAt, gaps, day }: Health): {
  word: string;
  tone: Tone;
} {
  if (!enabled) return { word: "off", tone: "neutral" };
  if (silentSince) return { word: "silent", tone: "critical" };
  if ((day.refusedBy.flood ?? 0) > 0) return { word: "flooded", tone: "high" };
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  if (missing > 0) return { word: `${formatCount(missing)} missing`, tone: "high" };
  if (day.held > 0) return { word: `${formatCount(day.held)} unreadable`, tone: "medium" };
  if (!receivedAt) return { word: "not heard yet", tone: "low" };
  return { word: "heard", tone: "ok" };
}

/** How late signals come: `2 s, at worst 40 s`; a clock that is ahead is named. */
export function lagWords(lagMs: number | null): string {
  if (lagMs === null) return "none yet";
  return lagMs < 0 ? `its clock is ${formatDuration(-lagMs)} ahead` : formatDuration(lagMs);
}

/** A gap in words: `host-a: 3 to 7 (5 never came)`. */
export function gapWords({ kind, first, last, missing, stream }: SourceView["gaps"][number]): string {
  const where = stream ? `${stream}: ` : "";
  const many = formatCount(missing);
  if (kind === "lost") return `${where}${many} lost, by its own count`;
  return `${where}${first === last ? first : `${first} to ${last}`} (${many} never came)`;
}

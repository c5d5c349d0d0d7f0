import type {
  BaselineVersionView,
  MaintenanceState,
  ProposalState,
} from "#server/layers/monitoring/learning-schema.ts";
import type { Tone } from "../../ui/tone.ts";

export const PROPOSAL_TONES: Record<ProposalState, Tone> = {
  pending: "medium",
  waiting: "medium",
  done: "ok",
  denied: "neutral",
  withdrawn: "neutral",
  expired: "neutral",
};

export const MAINTENANCE_TONES: Record<MaintenanceState, Tone> = {
  pending: "medium",
  planned: "low",
  running: "high",
  ended: "neutral",
  cancelled: "neutral",
  denied: "neutral",
  withdrawn: "neutral",
  expired: "neutral",
};

/** The share of false alarms among judged alerts: "2 of 3", or that none was judged. */
export function falseShare({
  alerts,
  judged,
  falsePositives,
}: Pick<BaselineVersionView, "alerts" | "judged" | "falsePositives">): string {
  if (alerts === 0) return "–";
  if (judged === 0) return "none judged";
  return `${falsePositives} of ${judged} (${Math.round((100 * falsePositives) / judged)} %)`;
}

/** The lengths of deviation at which the scores 0.5, 0.7 and 0.9 stand, where the model says. */
export function calibrationWords(calibration: Record<string, unknown>): string {
  const at = calibration.at as Record<string, unknown> | undefined;
  const named = [at?.record, at?.limit, at?.contain].filter((one) => typeof one === "number");
  return named.length === 3 ? named.map((one) => one.toFixed(1)).join(" / ") : "not told";
}

/** What a text field for an instant in UTC holds, as an instant; null where it is none. */
export function readUtc(text: string): Date | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return null;
  const at = new Date(`${text.length === 16 ? `${text}:00` : text}Z`);
  return Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text.slice(0, 16)) ? null : at;
}

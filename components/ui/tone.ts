/** What a colour means here; every use carries an icon or a word as well. */
export type Tone = "critical" | "high" | "medium" | "low" | "ok" | "neutral" | "brand";

export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The tone of a severity as stored; an unknown word is shown without colour. */
export function severityTone(severity: string): Tone {
  return (SEVERITIES as readonly string[]).includes(severity) ? (severity as Severity) : "neutral";
}

const STATUS_TONES: Record<string, Tone> = {
  active: "ok",
  open: "ok",
  approved: "ok",
  clean: "ok",
  done: "ok",
  confirmed: "ok",
  received: "ok",
  recovered: "ok",
  registered: "neutral",
  prepared: "low",
  superseded: "neutral",
  tainted: "high",
  enrolled: "ok",
  learning: "low",
  running: "low",
  queued: "low",
  restricted: "high",
  limited: "high",
  partial: "high",
  pending: "medium",
  acknowledged: "medium",
  suspended: "high",
  quarantined: "critical",
  contained: "critical",
  deny_all: "critical",
  denied: "critical",
  revoked: "critical",
  failed: "critical",
  findings: "critical",
  expired: "neutral",
  withdrawn: "neutral",
  banned: "critical",
  retired: "neutral",
  closed: "neutral",
};

/** The tone of a stored state; states that say nothing of danger have none. */
export function statusTone(status: string): Tone {
  return STATUS_TONES[status] ?? "neutral";
}

/** The CSS colour of a tone. */
export function toneColor(tone: Tone): string {
  return tone === "neutral" ? "var(--v-muted)" : `var(--v-${tone})`;
}

/** The tone of a behaviour score: 0.5 records, 0.7 limits, 0.9 contains. */
export function scoreTone(score: number): Tone {
  if (score > 0.9) return "critical";
  if (score > 0.7) return "high";
  if (score > 0.5) return "medium";
  return "neutral";
}

import type { Tone } from "#components/ui/tone.ts";

/** How much of a credential's life is over at an instant, in [0,1]. */
export function lifeUsed(notBeforeMs: number, notAfterMs: number, nowMs: number): number {
  const whole = notAfterMs - notBeforeMs;
  if (whole <= 0) return 1;
  return Math.min(1, Math.max(0, (nowMs - notBeforeMs) / whole));
}

/**
 * How pressing the end of a credential is. Agents renew at two thirds of the life, so past that a renewal is
 * late, past nine tenths it is in danger, and past the end the agent is shut out.
 */
export function lifeTone(used: number): Tone {
  if (used >= 0.9) return "critical";
  if (used >= 0.75) return "high";
  return used >= 2 / 3 ? "medium" : "ok";
}

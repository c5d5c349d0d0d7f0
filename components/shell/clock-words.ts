import type { Tone } from "../ui/tone.ts";

const HOUR_MS = 3_600_000;

const AGENCIES: Record<string, string> = {
  board: "Federal Reserve",
  occ: "OCC",
  fdic: "FDIC",
};

/** How pressing a deadline is: overdue or within 4 h, within 12 h, or later. */
export function clockTone(leftMs: number): Tone {
  if (leftMs <= 4 * HOUR_MS) return "critical";
  return leftMs <= 12 * HOUR_MS ? "high" : "medium";
}

/** The short name of an agency; what is not one is shown as it is stored. */
export function recipientName(recipient: string): string {
  return AGENCIES[recipient] ?? recipient;
}

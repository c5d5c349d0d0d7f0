import type { BreakGlassView } from "#server/layers/authorization/glass-schema.ts";
import type { Tone } from "../ui/tone.ts";

type Reviewed = Pick<BreakGlassView, "review" | "verdict">;

/** Where the review of a use stands, in words. */
export function reviewWords({ review, verdict }: Reviewed): string {
  if (review === "waiting" || review === "overdue") return review;
  const said = verdict === "not-justified" ? "not justified" : "justified";
  return review === "late" ? `${said}, late` : said;
}

/** An overdue review and an unjustified use need somebody; one that waits will soon. */
export function reviewTone({ review, verdict }: Reviewed): Tone {
  if (verdict === "not-justified" || review === "overdue") return "critical";
  if (review === "waiting" || review === "late") return "medium";
  return "ok";
}

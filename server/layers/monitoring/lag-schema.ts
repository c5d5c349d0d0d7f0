import { z } from "zod";

export const LAG_STATES = ["fresh", "behind", "standing"] as const;

/** How far scoring is behind what the gateways admitted, as measured by the worker's own duties. */
export const scoringLag = z.object({
  /** `fresh` within 5 s, `behind` beyond, `standing` where no worker folds or scores. */
  state: z.enum(LAG_STATES),
  /** At most this long ago what is scored last was admitted; null where no worker says so. */
  lagMs: z.number().int().min(0).nullable(),
  /** Parts of it: counts into slices, slices into scores. */
  foldMs: z.number().int().min(0).nullable(),
  scoreMs: z.number().int().min(0).nullable(),
  /** Counts that wait to be folded. */
  waiting: z.number().int().min(0),
  /** Since when nothing was folded or scored, where it stands and that is known. */
  since: z.date().nullable(),
  /** What is wrong, or how far behind it is, in one line. */
  words: z.string(),
  measuredAt: z.date(),
});
export type ScoringLag = z.infer<typeof scoringLag>;

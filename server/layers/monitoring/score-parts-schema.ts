import { z } from "zod";

export const PARTS_POINTS_MAX = 300;

export const scorePartsInput = z
  .object({
    agent: z.string().max(200),
    from: z.coerce.date(),
    to: z.coerce.date(),
    points: z.coerce.number().int().min(10).max(PARTS_POINTS_MAX).default(120),
  })
  .refine(({ from, to }) => from < to, { path: ["to"], message: "The end must be after the start." })
  .refine(({ from, to }) => to.getTime() - from.getTime() <= 400 * 86_400_000, {
    path: ["from"],
    message: "At most 400 days at a time.",
  });

/** What the highest minute of each bucket was made of: the parts add up to its score. */
export const scoreParts = z.object({
  /** Length of a bucket in milliseconds; a point's `at` is its end. */
  stepMs: z.number(),
  points: z.array(
    z.object({
      at: z.date(),
      /** The highest minute itself. */
      minute: z.date(),
      score: z.number(),
      /** Feature to its part of the score. */
      parts: z.record(z.string(), z.number()),
      baselineVersion: z.number().int().nullable(),
    }),
  ),
});
export type ScoreParts = z.infer<typeof scoreParts>;

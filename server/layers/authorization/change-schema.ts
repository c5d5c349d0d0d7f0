import { z } from "zod";

/** Which way a change goes. What cannot be shown to tighten or to change nothing counts as loosening. */
export const EFFECTS = ["loosens", "tightens", "neutral"] as const;
export type Effect = (typeof EFFECTS)[number];

/** One difference between two policies, in words and as data. */
export const policyChange = z.object({
  /** Where it is: `scopes/payments:execute/risk`, `actions/payments.read*`, `breakGlass/people/<account>` … */
  path: z.string(),
  /** What changes, as a sentence. */
  said: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  effect: z.enum(EFFECTS),
  /** The rule by which it is judged. */
  rule: z.string(),
  /** The account that is added or taken away; null where the change is not about a person. */
  account: z.string().nullable(),
});
export type PolicyChange = z.infer<typeof policyChange>;

import { z } from "zod";

/** Limits of one action and one request; a caller who sends more is told which limit it was. */
export const ACTION_LIMITS = {
  perRequestMax: 1_000,
  bodyBytesMax: 2 * 1024 * 1024,
  textLengthMax: 256,
  listLengthMax: 50,
  detailsLengthMax: 16 * 1024,
  agedSecondsMax: 10 * 60,
  aheadSecondsMax: 5 * 60,
} as const;

/** Text that is searched, shown and counted: one line, nothing invisible, so that a name is what it looks like. */
const word = z
  .string()
  .min(1)
  .max(ACTION_LIMITS.textLengthMax)
  .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+$/u, "no control, invisible or bidirectional characters");
const words = z.array(word).max(ACTION_LIMITS.listLengthMax);

/** One thing an agent did or is about to do, in its own words. What is written here is believed to be said, not true. */
export const action = z.strictObject({
  /** What was done, as the scope policy names it: `transactions.read`. */
  action: word.max(128),
  /** When, by the agent's clock. */
  at: z.iso.datetime({ offset: true }),
  transactionId: word.optional(),
  endpoint: word.optional(),
  dataAccessed: words.optional(),
  bytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  sourceIp: z.union([z.ipv4(), z.ipv6()]).optional(),
  /** The system or agent this one reached for. */
  peer: word.max(128).optional(),
  decision: word.optional(),
  confidence: z.number().min(0).max(1).optional(),
  onBehalfOf: word.optional(),
  parentActionId: word.optional(),
  /** People and accounts this was about: search keys, erasable. */
  subjects: words.optional(),
  details: z
    .record(z.string(), z.json())
    .refine(
      (it) => JSON.stringify(it).length <= ACTION_LIMITS.detailsLengthMax,
      "at most 16,384 characters of JSON",
    )
    .optional(),
});

export type Action = z.infer<typeof action>;

/** Why one action of a request was not admitted. */
export const refusal = z.object({ index: z.number().int(), code: z.string(), reason: z.string() });
export type Refusal = z.infer<typeof refusal>;

/** The answer to a report of actions. `receipt` is a compact JWS by the gateway's receipt key. */
export const admissionAnswer = z.object({
  receipt: z.string(),
  admitted: z.number().int(),
  refused: z.array(refusal),
});
export type AdmissionAnswer = z.infer<typeof admissionAnswer>;

import { z } from "zod";
import { REASON_CHARS_MAX } from "./schema.ts";

/** An override of trust lasts no longer: a week, after which somebody asks and decides anew. */
export const OVERRIDE_SECONDS_MAX = 7 * 86_400;
export const OVERRIDE_SECONDS_MIN = 600;
/** Unanswered, a request ends. */
export const OVERRIDE_OPEN_SECONDS = 86_400;
export const HISTORY_DAYS_MAX = 90;

const agentReference = z.string().min(1).max(80);
const score = z.number().min(0).max(1);
/** Text that people read: no control characters, no bidirectional or zero-width tricks. */
const reason = z
  .string()
  .max(REASON_CHARS_MAX)
  .regex(/^(?:[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\n)*$/u, "plain text without control or invisible characters")
  .transform((text) => text.normalize("NFC").trim())
  .refine((text) => text.length >= 3, "at least 3 characters");

export const requestOverrideInput = z.object({
  /** Name or id of the agent. */
  agent: agentReference,
  score: score.refine((value) => Math.round(value * 100) / 100 === value, "hundredths, such as 0.85"),
  durationSeconds: z.number().int().min(OVERRIDE_SECONDS_MIN).max(OVERRIDE_SECONDS_MAX),
  reason,
});
export type RequestOverrideInput = z.input<typeof requestOverrideInput>;

export const decideOverrideInput = z.object({
  id: z.uuid(),
  /** Digest of the request as it was shown: the decision counts for nothing else. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, "the digest shown with the request"),
  decision: z.enum(["approve", "deny"]),
  reason,
});
export type DecideOverrideInput = z.input<typeof decideOverrideInput>;

export const endOverrideInput = z.object({ id: z.uuid(), reason });
export type EndOverrideInput = z.input<typeof endOverrideInput>;

export const OVERRIDE_STATES = ["pending", "counting", "ended", "denied", "withdrawn", "expired"] as const;
export const overrideState = z.enum(OVERRIDE_STATES);
export type OverrideState = z.infer<typeof overrideState>;

export const contribution = z.object({
  input: z.string(),
  value: z.number(),
  detail: z.string(),
  endsAt: z.string().optional(),
});

export const trustView = z.object({
  agent: z.object({ id: z.uuid(), name: z.string() }),
  /** What decisions use now. */
  score,
  /** What it is without an override. */
  computed: score,
  override: z.object({ id: z.uuid(), score, endsAt: z.date() }).nullable(),
  contributions: z.array(contribution),
  version: z.number().int(),
  /** MEDIUM scopes need more than this. */
  mediumAbove: score,
  at: z.date(),
});
export type TrustView = z.infer<typeof trustView>;

/** `name`: or the agent's id. */
export const trustOfInput = z.object({ name: agentReference });
export type TrustOfInput = z.input<typeof trustOfInput>;

export const trustHistoryInput = z.object({
  name: agentReference,
  days: z.coerce.number().int().min(1).max(HISTORY_DAYS_MAX).default(30),
});
export type TrustHistoryInput = z.input<typeof trustHistoryInput>;

export const trustPoint = z.object({
  at: z.date(),
  score,
  contributions: z.array(contribution),
  version: z.number().int(),
});
export type TrustPoint = z.infer<typeof trustPoint>;

const check = z.object({ id: z.string(), passed: z.boolean(), detail: z.string() });

export const overrideView = z.object({
  id: z.uuid(),
  score,
  durationSeconds: z.number().int(),
  reason: z.string(),
  digest: z.string(),
  state: overrideState,
  requestedBy: z.string(),
  requesterName: z.string(),
  requestedAt: z.date(),
  openUntil: z.date(),
  deciderName: z.string().nullable(),
  decidedAt: z.date().nullable(),
  decisionReason: z.string().nullable(),
  /** When it stops counting, or stopped; null where it never counted. */
  endsAt: z.date().nullable(),
  /** Why the viewer may or may not approve it, check by check. */
  mayDecide: z.object({ allowed: z.boolean(), checks: z.array(check) }),
});
export type OverrideView = z.infer<typeof overrideView>;

import { z } from "zod";
import { RISKS, scopeName } from "./policy-schema.ts";
import { DURATION_SECONDS_MIN, REASON_CHARS_MAX, readable } from "./schema.ts";

/** Whoever acts alone says why, in more than a word. */
export const BREAK_GLASS_REASON_MIN = 20;
export const BREAK_GLASS_PAGE_MAX = 100;

export const breakGlassInput = z.object({
  /** Name or id of the agent. */
  agent: z.string().min(1).max(80),
  scope: scopeName,
  durationSeconds: z.number().int().min(DURATION_SECONDS_MIN),
  reason: readable(BREAK_GLASS_REASON_MIN, REASON_CHARS_MAX),
});
export type BreakGlassInput = z.input<typeof breakGlassInput>;

export const breakGlassAnswer = z.object({
  breakGlassId: z.uuid(),
  grantId: z.uuid(),
  endsAt: z.date(),
  reviewDueAt: z.date(),
});
export type BreakGlassAnswer = z.infer<typeof breakGlassAnswer>;

export const VERDICTS = ["justified", "not-justified"] as const;
export const reviewBreakGlassInput = z.object({
  id: z.uuid(),
  verdict: z.enum(VERDICTS),
  reason: readable(3, REASON_CHARS_MAX),
});
export type ReviewBreakGlassInput = z.input<typeof reviewBreakGlassInput>;

const checks = z.object({
  allowed: z.boolean(),
  checks: z.array(z.object({ id: z.string(), passed: z.boolean(), detail: z.string() })),
});

/** Why the caller may or may not break glass for an agent, and what they could give it. */
export const breakGlassOffer = z.object({
  mayBreak: checks,
  reviewWithinSeconds: z.number().int(),
  scopes: z.array(
    z.object({ scope: z.string(), title: z.string(), risk: z.enum(RISKS), secondsMax: z.number().int() }),
  ),
});
export type BreakGlassOffer = z.infer<typeof breakGlassOffer>;

const person = z.object({ userId: z.string(), name: z.string() });

/** One use, with what became of its grant and of its review. */
export const breakGlassView = z.object({
  id: z.uuid(),
  agent: z.object({ id: z.uuid(), name: z.string(), title: z.string() }),
  scope: z.string(),
  risk: z.enum(RISKS).nullable(),
  by: person,
  reason: z.string(),
  stepUp: z.string(),
  policyVersion: z.number().int(),
  usedAt: z.date(),
  endsAt: z.date(),
  grant: z.object({
    id: z.uuid(),
    live: z.boolean(),
    activatedAt: z.date().nullable(),
    lastUsedAt: z.date().nullable(),
    revokedAt: z.date().nullable(),
  }),
  reviewDueAt: z.date(),
  /** `late`: reviewed, after its time. `overdue`: not reviewed, and its time is over. */
  review: z.enum(["waiting", "overdue", "in-time", "late"]),
  reviewedBy: person.nullable(),
  reviewedAt: z.date().nullable(),
  verdict: z.enum(VERDICTS).nullable(),
  reviewReason: z.string().nullable(),
  /** Why the caller may or may not review it. */
  mayReview: checks,
});
export type BreakGlassView = z.infer<typeof breakGlassView>;

export const listBreakGlassInput = z.object({
  agent: z.string().min(1).max(80).optional(),
  /** `unreviewed`: only those that wait for a review, late or not. */
  show: z.enum(["all", "unreviewed"]).default("all"),
  limit: z.coerce.number().int().min(1).max(BREAK_GLASS_PAGE_MAX).default(50),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(80).optional(),
});
export type ListBreakGlassInput = z.input<typeof listBreakGlassInput>;

export const breakGlassPage = z.object({
  uses: z.array(breakGlassView),
  /** How many wait for a review at all. */
  unreviewed: z.number().int(),
  nextCursor: z.string().nullable(),
});
export type BreakGlassPage = z.infer<typeof breakGlassPage>;

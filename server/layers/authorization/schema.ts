import { z } from "zod";
import { grantLimits, keptLimits } from "./limits-schema.ts";
import { RISKS, scopeName } from "./policy-schema.ts";

export const REASON_CHARS_MAX = 1_000;
export const RESOURCE_CHARS_MAX = 200;
export const SCOPES_PER_REQUEST_MAX = 32;
export const DURATION_SECONDS_MIN = 60;

/** Text that people read: no control characters, no bidirectional or zero-width tricks. */
export const readable = (charsMin: number, charsMax: number) =>
  z
    .string()
    .max(charsMax)
    .regex(/^(?:[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\n)*$/u, "plain text without control or invisible characters")
    .transform((text) => text.normalize("NFC").trim())
    .refine((text) => text.length >= charsMin, `at least ${charsMin} characters`);

export const APPROVAL_STATUSES = ["pending", "approved", "denied", "expired", "withdrawn"] as const;
export const approvalStatus = z.enum(APPROVAL_STATUSES);
export type ApprovalStatus = z.infer<typeof approvalStatus>;

const agentReference = z.string().min(1).max(80);

export const requestApprovalInput = z.object({
  /** Name or id of the agent. */
  agent: agentReference,
  scope: scopeName,
  /** What it is for, such as a batch or a case; part of what is approved. */
  resource: readable(1, RESOURCE_CHARS_MAX).nullable().default(null),
  /** What no action under it may go beyond. */
  limits: grantLimits.nullable().default(null),
  durationSeconds: z.number().int().min(DURATION_SECONDS_MIN),
  reason: readable(3, REASON_CHARS_MAX),
});
export type RequestApprovalInput = z.input<typeof requestApprovalInput>;

export const voteInput = z.object({
  id: z.uuid(),
  /** Digest of the request as the approver saw it: the vote counts for nothing else. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, "the digest shown with the request"),
  vote: z.enum(["approve", "deny"]),
  reason: readable(3, REASON_CHARS_MAX),
  /** A shorter time than asked for; left out, the time asked for. */
  durationSeconds: z.number().int().min(DURATION_SECONDS_MIN).optional(),
  /** All limits of the grant, narrower than asked for or the same; left out, those asked for. */
  limits: grantLimits.optional(),
});
export type VoteInput = z.input<typeof voteInput>;

export const withdrawApprovalInput = z.object({ id: z.uuid(), reason: readable(3, REASON_CHARS_MAX) });
export type WithdrawApprovalInput = z.input<typeof withdrawApprovalInput>;

export const revokeGrantInput = z.object({ grantId: z.uuid(), reason: readable(3, REASON_CHARS_MAX) });
export type RevokeGrantInput = z.input<typeof revokeGrantInput>;

const check = z.object({ id: z.string(), passed: z.boolean(), detail: z.string() });

export const voteView = z.object({
  userId: z.string(),
  name: z.string(),
  vote: z.enum(["approve", "deny"]),
  reason: z.string(),
  durationSeconds: z.number().int(),
  limits: keptLimits.nullable(),
  stepUp: z.string(),
  votedAt: z.date(),
});

export const grantView = z.object({
  id: z.uuid(),
  agentId: z.uuid(),
  agentName: z.string(),
  scope: z.string(),
  risk: z.enum(RISKS).nullable(),
  approvalId: z.uuid().nullable(),
  /** Where somebody broke glass for it: nobody else decided. */
  breakGlassId: z.uuid().nullable(),
  /** What no action under it may go beyond; null where nothing narrows it, without resources left it allows nothing. */
  limits: keptLimits.nullable(),
  policyVersion: z.number().int(),
  grantedBy: z.string(),
  grantedAt: z.date(),
  expiresAt: z.date().nullable(),
  /** When a token first carried it. */
  activatedAt: z.date().nullable(),
  /** When an action was last admitted under it, to the minute; null while none was. */
  lastUsedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
  revokeReason: z.string().nullable(),
  live: z.boolean(),
});
export type GrantView = z.infer<typeof grantView>;

/** A step of the decision: whose votes fill which need, and whether it is its turn. */
export const stepView = z.object({
  title: z.string(),
  state: z.enum(["done", "open", "later"]),
  needs: z.array(
    z.object({
      /** Name of the approver group. */
      from: z.string(),
      title: z.string(),
      votes: z.number().int(),
      castBy: z.array(z.object({ userId: z.string(), name: z.string() })),
    }),
  ),
});
export type StepView = z.infer<typeof stepView>;

/**
 * How far a request has come. Waiting: `requested` without a vote, `in-review` with one. Given nothing: `denied`,
 * `withdrawn`, `unanswered`. Given: `granted` while no token carried it, `activated` once one has, then `expired` or
 * `revoked`.
 */
export const LIFECYCLE_STAGES = [
  "requested",
  "in-review",
  "denied",
  "withdrawn",
  "unanswered",
  "granted",
  "activated",
  "expired",
  "revoked",
] as const;
export type LifecycleStage = (typeof LIFECYCLE_STAGES)[number];

/** Where a request stands, from the asking to the end of what it gave. */
export const lifecycleView = z.object({
  stage: z.enum(LIFECYCLE_STAGES),
  steps: z.array(
    z.object({
      key: z.enum(["requested", "reviewed", "granted", "activated", "ended"]),
      state: z.enum(["done", "now", "later", "never"]),
      at: z.date().nullable(),
    }),
  ),
  live: z.boolean(),
  used: z.boolean().nullable(),
  lastUsedAt: z.date().nullable(),
  endsAt: z.date().nullable(),
});

export const approvalView = z.object({
  id: z.uuid(),
  agent: z.object({ id: z.uuid(), name: z.string(), title: z.string(), status: z.string() }),
  scope: z.string(),
  risk: z.enum(RISKS).nullable(),
  resource: z.string().nullable(),
  limits: keptLimits.nullable(),
  durationSeconds: z.number().int(),
  reason: z.string(),
  requestedBy: z.string(),
  requestedByType: z.enum(["operator", "agent", "system"]),
  requesterName: z.string(),
  policyVersion: z.number().int(),
  digest: z.string(),
  votesNeeded: z.number().int(),
  /** Why other people decide than the scope asks for otherwise; null where they do not. */
  escalation: z.string().nullable(),
  votes: z.array(voteView),
  /** Who must decide, in which order, and whose votes count so far. */
  steps: z.array(stepView),
  status: approvalStatus,
  lifecycle: lifecycleView,
  /** The viewer asked for this, and it waits. */
  mayWithdraw: z.boolean(),
  requestedAt: z.date(),
  expiresAt: z.date(),
  decidedAt: z.date().nullable(),
  decisionReason: z.string().nullable(),
  grantId: z.uuid().nullable(),
  /** Why the viewer may or may not approve, check by check. */
  mayVote: z.object({ allowed: z.boolean(), checks: z.array(check) }),
  /** Latest behaviour score, 0 to 1; null where the agent has none yet. */
  score: z.number().nullable(),
  trust: z.number().nullable(),
  currentGrants: z.array(grantView),
});
export type ApprovalView = z.infer<typeof approvalView>;

export const APPROVALS_PAGE_MAX = 100;
export const listApprovalsInput = z.object({
  status: approvalStatus.optional(),
  agent: agentReference.optional(),
  limit: z.coerce.number().int().min(1).max(APPROVALS_PAGE_MAX).default(50),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(120).optional(),
});
export type ListApprovalsInput = z.input<typeof listApprovalsInput>;

export const approvalPage = z.object({
  approvals: z.array(approvalView),
  pending: z.number().int(),
  nextCursor: z.string().nullable(),
});
export type ApprovalPage = z.infer<typeof approvalPage>;

export const voteAnswer = z.object({
  status: approvalStatus,
  votes: z.number().int(),
  votesNeeded: z.number().int(),
  grantId: z.uuid().nullable(),
  grantExpiresAt: z.date().nullable(),
});
export type VoteAnswer = z.infer<typeof voteAnswer>;

export const listGrantsInput = z.object({
  agent: agentReference,
  /** `all` shows ended and revoked ones as well. */
  show: z.enum(["live", "all"]).default("live"),
});
export type ListGrantsInput = z.input<typeof listGrantsInput>;

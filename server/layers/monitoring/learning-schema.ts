import { z } from "zod";
import { FEATURE_KEYS } from "./schema.ts";

/** Unanswered, a proposal ends; an approved one that waits for enough to learn from is given up after as long again times ten. */
export const PROPOSAL_OPEN_MS = 3 * 86_400_000;
/** What is learnt reaches back six weeks. */
export const EXCLUSION_MS_MAX = 42 * 86_400_000;
export const PROPOSALS_SHOWN_MAX = 50;
export const LEARNING_KINDS = ["exclude", "readmit", "relearn", "rollback", "unpin"] as const;
export type LearningKind = (typeof LEARNING_KINDS)[number];

/** Text that people read: no control characters, no bidirectional or zero-width tricks. */
export const plainReason = z
  .string()
  .max(1_000)
  .regex(/^(?:[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\n)*$/u, "plain text without control or invisible characters")
  .transform((text) => text.normalize("NFC").trim())
  .refine((text) => text.length >= 3, "at least 3 characters");
const agent = z.string().min(1).max(80);
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "the digest shown with the request");

export const proposeLearningInput = z.object({
  /** Name or id of the agent. */
  agent,
  kind: z.enum(LEARNING_KINDS),
  /** Start of an interval; or from when on to learn anew, where that is not from all. */
  from: z.date().nullish(),
  /** End of an interval. */
  to: z.date().nullish(),
  /** The version to go back to. */
  version: z.number().int().min(1).nullish(),
  reason: plainReason,
});
export type ProposeLearningInput = z.input<typeof proposeLearningInput>;

export const decideLearningInput = z.object({
  id: z.uuid(),
  /** Digest of the proposal as it was shown: the decision counts for nothing else. */
  digest,
  decision: z.enum(["approve", "deny"]),
  reason: plainReason,
});
export type DecideLearningInput = z.input<typeof decideLearningInput>;
export const withdrawInput = z.object({ id: z.uuid(), reason: plainReason });
/** `name`: or the id. */
export const behaviourOfInput = z.object({ name: agent });

export const checkView = z.object({ id: z.string(), passed: z.boolean(), detail: z.string() });
export const mayDecideView = z.object({ allowed: z.boolean(), checks: z.array(checkView) });
export const PROPOSAL_STATES = ["pending", "waiting", "done", "denied", "withdrawn", "expired"] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

export const learningProposalView = z.object({
  id: z.uuid(),
  kind: z.enum(LEARNING_KINDS),
  /** `waiting`: approved, and not yet enough to learn from. */
  state: z.enum(PROPOSAL_STATES),
  /** What is proposed, in a sentence. */
  words: z.string(),
  from: z.date().nullable(),
  to: z.date().nullable(),
  reason: z.string(),
  digest: z.string(),
  proposedBy: z.string(),
  proposedAt: z.date(),
  openUntil: z.date(),
  decidedBy: z.string().nullable(),
  decidedAt: z.date().nullable(),
  decisionReason: z.string().nullable(),
  doneAt: z.date().nullable(),
  outcome: z.record(z.string(), z.unknown()).nullable(),
  mayDecide: mayDecideView,
});
export type LearningProposalView = z.infer<typeof learningProposalView>;

export const baselineVersionView = z.object({
  id: z.uuid(),
  version: z.number().int(),
  active: z.boolean(),
  pinned: z.boolean(),
  origin: z.enum(["learnt", "relearnt", "rollback"]),
  /** The version whose model it has. */
  restoredVersion: z.number().int().nullable(),
  windows: z.number().int(),
  learntFrom: z.date(),
  learntTo: z.date(),
  createdAt: z.date(),
  createdBy: z.string(),
  retiredAt: z.date().nullable(),
  retireReason: z.string().nullable(),
  /** Score thresholds in lengths of deviation, and the alarms a day measured on what was learnt from. */
  calibration: z.record(z.string(), z.unknown()),
  /** Minutes scored by it. */
  scores: z.number().int(),
  scoresHigh: z.number().int(),
  /** Alerts of behaviour raised under it, those judged, and those of them that were false. */
  alerts: z.number().int(),
  judged: z.number().int(),
  falsePositives: z.number().int(),
});
export type BaselineVersionView = z.infer<typeof baselineVersionView>;

export const allowanceView = z.object({
  feature: z.enum(FEATURE_KEYS),
  title: z.string(),
  /** What is taken off a score that this cause alone makes. */
  points: z.number(),
  valueMax: z.number(),
  verdicts: z.number().int(),
  people: z.number().int(),
  days: z.number().int(),
  endsAt: z.date().nullable(),
  counts: z.boolean(),
  words: z.string(),
});
export type AllowanceView = z.infer<typeof allowanceView>;

export const undoAllowanceInput = z.object({ agent, feature: z.enum(FEATURE_KEYS), reason: plainReason });

export const peersView = z.object({
  kind: z.string(),
  peers: z.array(z.string()),
  ownWindows: z.number().int(),
  peerWindows: z.number().int(),
  learntAt: z.date(),
  words: z.string(),
});
export type PeersView = z.infer<typeof peersView>;

export const learningView = z.object({
  agent: z.object({ id: z.uuid(), name: z.string() }),
  versions: z.array(baselineVersionView),
  proposals: z.array(learningProposalView),
  allowances: z.array(allowanceView),
  peers: peersView.nullable(),
  learning: z.string().nullable(),
});
export type LearningView = z.infer<typeof learningView>;

/* Maintenance */

export const MAINTENANCE_MS_MAX = 86_400_000;
export const MAINTENANCE_AHEAD_MS_MAX = 60 * 86_400_000;
export const MAINTENANCE_STATES = [
  "pending",
  "planned",
  "running",
  "ended",
  "cancelled",
  "denied",
  "withdrawn",
  "expired",
] as const;
export type MaintenanceState = (typeof MAINTENANCE_STATES)[number];

export const planMaintenanceInput = z
  .object({
    agents: z.array(agent).min(1).max(50),
    causes: z.array(z.enum(FEATURE_KEYS)).min(1),
    startsAt: z.date(),
    endsAt: z.date(),
    reason: plainReason,
  })
  .refine(({ startsAt, endsAt }) => startsAt < endsAt, {
    path: ["endsAt"],
    message: "The end must be after the start.",
  })
  .refine(({ startsAt, endsAt }) => endsAt.getTime() - startsAt.getTime() <= MAINTENANCE_MS_MAX, {
    path: ["endsAt"],
    message: "At most 24 hours.",
  });
export type PlanMaintenanceInput = z.input<typeof planMaintenanceInput>;
export const decideMaintenanceInput = decideLearningInput;

export const maintenanceView = z.object({
  id: z.uuid(),
  state: z.enum(MAINTENANCE_STATES),
  agents: z.array(z.string()),
  causes: z.array(z.enum(FEATURE_KEYS)),
  startsAt: z.date(),
  endsAt: z.date(),
  reason: z.string(),
  digest: z.string(),
  plannedBy: z.string(),
  plannedAt: z.date(),
  decidedBy: z.string().nullable(),
  decidedAt: z.date().nullable(),
  decisionReason: z.string().nullable(),
  cancelledAt: z.date().nullable(),
  cancelledBy: z.string().nullable(),
  mayDecide: mayDecideView,
});
export type MaintenanceView = z.infer<typeof maintenanceView>;

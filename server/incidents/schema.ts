import { z } from "zod";

export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export const severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof severity>;

/** Facts of an incident, each with its own instant: they are appended and superseded, never changed. */
export const FACT_KINDS = [
  "occurred",
  "detected",
  "contained",
  "assessed",
  "determined",
  "notified",
  "recovered",
  "closed",
  "reopened",
  "note",
  "alarm",
] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/** The facts a person states by hand; the others are written by the act they tell of. */
export const statedFactKind = z.enum(["occurred", "detected", "contained", "assessed", "recovered"]);

export const CONTAINMENT_STEPS = [
  "tokens",
  "isolation",
  "connections",
  "snapshot",
  "incident",
  "alert",
] as const;
export type ContainmentStep = (typeof CONTAINMENT_STEPS)[number];

export const REGULATORS = ["occ", "board", "fdic"] as const;
export type Regulator = (typeof REGULATORS)[number];

export const limbId = z.enum(["operations", "business-line", "stability"]);
export type LimbId = z.infer<typeof limbId>;
export const limbAnswer = z.enum(["has", "reasonably-likely", "no"]);
export type LimbAnswer = z.infer<typeof limbAnswer>;

const text = (max: number) => z.string().trim().min(1).max(max);

const limb = z.object({ answer: limbAnswer, facts: text(4_000) });

/** What was known of the impact. Null is "not known yet", which is not the same as zero. */
export const impact = z.object({
  serviceDisruptionHours: z.number().min(0).max(100_000).nullable().default(null),
  customersAffected: z.number().int().min(0).max(10_000_000_000).nullable().default(null),
  dataBreachConfirmed: z.boolean().nullable().default(null),
  financialLossUsd: z.number().min(0).max(1e15).nullable().default(null),
  systemIntegrityCompromised: z.boolean().nullable().default(null),
});
export type Impact = z.infer<typeof impact>;

/**
 * The worksheet of the 36-hour rule: whether there was actual harm (12 CFR 53.2, 225.301, 304.22), and the
 * three limbs by which an incident becomes one that must be notified. A person answers each, with facts.
 */
export const worksheet = z.object({
  actualHarm: z.object({ answer: z.boolean(), facts: text(4_000) }),
  limbs: z.object({ operations: limb, "business-line": limb, stability: limb }),
  impact: impact.default({
    serviceDisruptionHours: null,
    customersAffected: null,
    dataBreachConfirmed: null,
    financialLossUsd: null,
    systemIntegrityCompromised: null,
  }),
});
export type Worksheet = z.infer<typeof worksheet>;

export const outcome = z.enum(["notifiable", "not-notifiable"]);
export type Outcome = z.infer<typeof outcome>;

/** An instant with its offset: local time without one is refused, since nobody can tell when it is. */
export const instantText = z.iso.datetime({
  offset: true,
  error: "An instant with its offset, such as 2026-03-08T01:00:00Z or 2026-03-07T20:00:00-05:00.",
});

export const openIncidentInput = z.object({
  title: text(200),
  severity,
  agentId: z.uuid().optional(),
  alertId: z.uuid().optional(),
  occurredAt: instantText.optional(),
  detectedAt: instantText.optional(),
  drill: z.boolean().default(false),
});

export const determineInput = z.object({
  incidentId: z.uuid(),
  outcome,
  worksheet,
  reason: text(4_000),
  /** When the decision was made, if earlier than now: it can only shorten the time left. */
  madeAt: instantText.optional(),
  /** The incident's version that the decider saw. */
  expectedVersion: z.number().int().positive(),
  /** With `not-notifiable` alone: also withdraws the clocks that run. Said by nobody, they run on. */
  supersedeClocks: z.boolean().default(false),
});

export const receiptInput = z.object({
  clockId: z.uuid(),
  receivedAt: instantText,
  /** What the agency answered with: a name, a ticket, a message id. */
  reference: text(500),
  evidence: text(20_000),
});

export const noteInput = z.object({ incidentId: z.uuid(), text: text(10_000) });

export const factInput = z.object({
  incidentId: z.uuid(),
  kind: statedFactKind,
  at: instantText,
  summary: text(2_000),
  supersedes: z.uuid().optional(),
});

export const taskInput = z
  .object({
    taskId: z.uuid(),
    done: z.boolean().optional(),
    ownerId: z.string().min(1).nullable().optional(),
    /** Whom the caller saw as owner; somebody else meanwhile is a conflict. */
    expectedOwnerId: z.string().min(1).nullable().optional(),
  })
  .refine((t) => t.done !== undefined || t.ownerId !== undefined, {
    message: "Say what changes: done or ownerId.",
  });

export const changeIncidentInput = z
  .object({
    incidentId: z.uuid(),
    expectedVersion: z.number().int().positive(),
    severity: severity.optional(),
    title: text(200).optional(),
    leadId: z.string().min(1).nullable().optional(),
    reason: text(2_000),
  })
  .refine((c) => c.severity !== undefined || c.title !== undefined || c.leadId !== undefined, {
    message: "Say what changes: severity, title or leadId.",
  });

export const closeIncidentInput = z.object({
  incidentId: z.uuid(),
  expectedVersion: z.number().int().positive(),
  reason: text(2_000),
});

export const reasonText = text(2_000);
export const stepUpMethod = text(100);

/** How incidents are named to people. */
export function incidentName(number: number): string {
  return `INC-${String(number).padStart(4, "0")}`;
}

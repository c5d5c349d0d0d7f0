import { z } from "zod";
import { detectionRule, RULE_LIMITS } from "./rules-schema.ts";

/** A proposal that nobody decides ends after this. */
export const RULE_PROPOSAL_OPEN_MS = 7 * 86_400_000;
export const RULES_LOOK_BACK_DAYS = 7;

const reason = z
  .string()
  .max(1_000)
  .regex(/^(?:[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\n)*$/u, "plain text without control or invisible characters")
  .transform((text) => text.normalize("NFC").trim())
  .refine((text) => text.length >= 3, "at least 3 characters");
const version = z.coerce.number().int().positive().max(2_147_483_647);

/** A rule as somebody sends it: judged by the verb, which names what is wrong with it. */
const sentRule = z.record(z.string(), z.unknown());

/** What changes: rules by name, or the whole of an earlier version again. */
export const proposeRulesInput = z.union([
  z.strictObject({
    baseVersion: version,
    reason,
    put: z.array(sentRule).max(RULE_LIMITS.rulesMax).default([]),
    remove: z.array(z.string().max(60)).max(RULE_LIMITS.rulesMax).default([]),
  }),
  z.strictObject({ baseVersion: version, reason, rollBackTo: version }),
]);
export type ProposeRulesInput = z.input<typeof proposeRulesInput>;

export const withdrawRuleProposalInput = z.object({ id: z.uuid() });
export const decideRuleProposalInput = z.object({
  id: z.uuid(),
  /** Digest of the proposal as it was seen: the decision counts for nothing else. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, "the digest shown with the proposal"),
  decision: z.enum(["approve", "reject"]),
  reason,
});
export type DecideRuleProposalInput = z.input<typeof decideRuleProposalInput>;

export const RULE_PROPOSAL_STATUSES = ["pending", "approved", "rejected", "withdrawn", "expired"] as const;
const person = z.object({ id: z.string(), name: z.string() });
const check = z.object({ id: z.string(), passed: z.boolean(), detail: z.string() });

/** In what one rule differs between two versions, in sentences; `after` is null where it goes. */
export const ruleChange = z.object({
  rule: z.string(),
  how: z.enum(["added", "changed", "removed", "switched-on", "switched-off"]),
  /** Fewer things are found or less is done: whoever decides should look twice. */
  loosens: z.boolean(),
  said: z.array(z.string()),
  before: detectionRule.nullable(),
  after: detectionRule.nullable(),
});
export type RuleChange = z.infer<typeof ruleChange>;

export const ruleProposalView = z.object({
  id: z.uuid(),
  baseVersion: z.number().int(),
  digest: z.string(),
  reason: z.string(),
  proposedBy: person,
  proposedAt: z.date(),
  expiresAt: z.date(),
  status: z.enum(RULE_PROPOSAL_STATUSES),
  decidedBy: person.nullable(),
  decidedAt: z.date().nullable(),
  decisionReason: z.string().nullable(),
  version: z.number().int().nullable(),
  changes: z.array(ruleChange),
  mayApprove: z.object({ allowed: z.boolean(), checks: z.array(check) }),
  mayWithdraw: z.boolean(),
});
export type RuleProposalView = z.infer<typeof ruleProposalView>;

export const listRuleProposalsInput = z.object({
  status: z.enum(RULE_PROPOSAL_STATUSES).optional(),
  limit: z.coerce.number().int().min(1).max(50).default(20),
});

/** A rule of the version that counts, with what it found lately. */
export const ruleRow = z.object({
  rule: detectionRule,
  lastFiredAt: z.date().nullable(),
  /** Times it fired and alerts that it raised or counted on in the last seven days. */
  firings: z.number().int(),
  alerts: z.number().int(),
  open: z.number().int(),
  closed: z.number().int(),
  /** Of the closed ones. */
  falsePositives: z.number().int(),
});
export type RuleRow = z.infer<typeof ruleRow>;

export const ruleSetView = z.object({
  version: z.number().int(),
  createdBy: person.nullable(),
  approvedBy: person.nullable(),
  reason: z.string().nullable(),
  createdAt: z.date().nullable(),
  digest: z.string(),
  rules: z.array(ruleRow),
});
export type RuleSetView = z.infer<typeof ruleSetView>;

export const ruleVersionRow = z.object({
  version: z.number().int(),
  createdBy: person,
  approvedBy: person.nullable(),
  reason: z.string().nullable(),
  createdAt: z.date(),
  digest: z.string(),
  rules: z.number().int(),
});

export const ruleFiringView = z.object({
  id: z.uuid(),
  agent: z.object({ id: z.uuid(), name: z.string() }),
  rule: z.string(),
  version: z.number().int(),
  firstAt: z.date(),
  lastAt: z.date(),
  counts: z.record(z.string(), z.union([z.number(), z.string()])),
  recordIds: z.array(z.string()),
  alertNumber: z.number().int(),
});
export const listFiringsInput = z.object({
  rule: z.string().max(60),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

import { z } from "zod";

export const RULE_DRY_RUN_DAYS = 7;
/** The most records that one dry-run reads, the newest first, and the longest that it takes. */
export const RULE_DRY_RUN_RECORDS_MAX = 200_000;
export const RULE_DRY_RUN_MS_MAX = 90_000;
export const RULE_DRY_RUN_LINES_MAX = 300;
export const RULES_TRIED_MAX = 10;

/** Rules that somebody writes, or those that a proposal changes. */
export const startRuleDryRunInput = z.union([
  z.strictObject({ rules: z.array(z.record(z.string(), z.unknown())).min(1).max(RULES_TRIED_MAX) }),
  z.strictObject({ proposalId: z.uuid() }),
]);
export type StartRuleDryRunInput = z.input<typeof startRuleDryRunInput>;

const agent = z.object({ id: z.uuid(), name: z.string() });
const counts = z.record(z.string(), z.union([z.number(), z.string()]));

/** A time at which a rule would have fired. */
export const ruleDryRunLine = z.object({
  rule: z.string(),
  agent,
  firstAt: z.coerce.date(),
  lastAt: z.coerce.date(),
  counts,
  recordIds: z.array(z.string()),
  /** Whether the rule of that name fired for the agent in the same span then. */
  firedThen: z.boolean(),
});
export type RuleDryRunLine = z.infer<typeof ruleDryRunLine>;

export const ruleDryRunResult = z.object({
  actionsRead: z.number().int(),
  agents: z.number().int(),
  lines: z.array(ruleDryRunLine),
  /** Firings beyond the lines. */
  beyondLines: z.number().int(),
  /** What fired then and would not fire now. */
  onlyThen: z.array(z.object({ rule: z.string(), agent, firstAt: z.coerce.date(), alertNumber: z.number() })),
  /** Null where all of the time was read; else down to when, and why no further. */
  cut: z.object({ at: z.coerce.date(), why: z.string() }).nullable(),
  /** What was not looked at, or not as it was then; in sentences. */
  notLookedAt: z.array(z.string()),
  /** Why there is no result. */
  failed: z.string().nullable(),
});
export type RuleDryRunResult = z.infer<typeof ruleDryRunResult>;

export const ruleDryRunView = z.object({
  id: z.uuid(),
  status: z.enum(["waiting", "running", "done", "failed"]),
  from: z.date(),
  to: z.date(),
  recordsRead: z.number().int(),
  readDownTo: z.date().nullable(),
  result: ruleDryRunResult.nullable(),
});
export type RuleDryRunView = z.infer<typeof ruleDryRunView>;
export const readRuleDryRunInput = z.object({ id: z.uuid() });

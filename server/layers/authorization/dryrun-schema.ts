import { z } from "zod";

/** How far back a dry-run looks. */
export const DRY_RUN_DAYS = 7;
/** The most audit records that one dry-run reads, the newest first. */
export const DRY_RUN_RECORDS_MAX = 200_000;
/** Lines of a result; what is beyond them is counted. */
export const DRY_RUN_LINES_MAX = 500;

/** `refused`: what was allowed would be refused. `allowed`: the other way. `other-scope`: allowed by another scope. */
export const DRY_RUN_OUTCOMES = ["refused", "allowed", "other-scope"] as const;

/** Decisions of one kind on one agent that would have gone otherwise. */
export const dryRunLine = z.object({
  kind: z.enum(["token", "approval", "action"]),
  agent: z.object({ id: z.uuid(), name: z.string() }),
  /** The scope, or the action. */
  what: z.string(),
  was: z.string(),
  would: z.string(),
  outcome: z.enum(DRY_RUN_OUTCOMES),
  /** The rule that decides otherwise. */
  rule: z.string(),
  count: z.number().int(),
  firstAt: z.date(),
  lastAt: z.date(),
  /** One of them: an audit record, or the request for an approval. */
  exampleId: z.string(),
});
export type DryRunLine = z.infer<typeof dryRunLine>;

const tally = z.object({
  /** How many decisions were looked at. */
  read: z.number().int(),
  refused: z.number().int(),
  allowed: z.number().int(),
  otherScope: z.number().int(),
  /** What it hangs on was not recorded then. */
  unknown: z.number().int(),
});
export type Tally = z.infer<typeof tally>;

/** What would have been decided otherwise in the last days. */
export const dryRunResult = z.object({
  from: z.date(),
  to: z.date(),
  recordsRead: z.number().int(),
  recordsMax: z.number().int(),
  /** Null where all of the time was read; else how far back it went, and why no further. */
  cut: z.object({ at: z.date(), why: z.string() }).nullable(),
  tokens: tally,
  approvals: tally,
  actions: tally,
  /** Tokens that would have ended sooner. */
  shorterTokens: z.number().int(),
  lines: z.array(dryRunLine),
  /** Decisions that would have gone otherwise and stand in no line. */
  beyondLines: z.number().int(),
});
export type DryRunResult = z.infer<typeof dryRunResult>;

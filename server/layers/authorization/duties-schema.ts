import { z } from "zod";

/** What needs a second person, in the order of the report's words. */
export const ACT_KINDS = ["grant", "release", "policy", "trust", "break-glass"] as const;
export type ActKind = (typeof ACT_KINDS)[number];

export const DUTY_RULES = [
  "asker-decided",
  "owner-decided",
  "decided-alone",
  "party-unknown",
  "role-from-party",
  "deciding-for-each-other",
  "break-glass-used",
  "break-glass-unreviewed",
  "break-glass-reviewed-late",
  "break-glass-not-justified",
] as const;
export type DutyRule = (typeof DUTY_RULES)[number];

/** More acts than this that the same two people decided for each other are a finding. */
export const PAIR_ACTS_MAX = 5;
/** A role that one party of an act was given by another counts for this long before it, days. */
export const ROLE_DAYS = 90;
export const PERIOD_DAYS_MAX = 366;
export const DUTY_ACTS_MAX = 5_000;

const party = z.object({
  id: z.string(),
  name: z.string(),
  /** `unknown`: the account cannot be found. */
  kind: z.enum(["person", "agent", "system", "unknown"]),
});
export type Party = z.infer<typeof party>;

/** One act that needed two people: who asked for it and who decided it. */
export const dutyAct = z.object({
  key: z.string(),
  kind: z.enum(ACT_KINDS),
  at: z.date(),
  what: z.string(),
  outcome: z.string(),
  asked: party.nullable(),
  decided: z.array(party),
  /** Who owns the agent, or one above it, now. */
  owners: z.array(party),
  /** Where the console shows it; null where it has no page. */
  href: z.string().nullable(),
});
export type DutyAct = z.infer<typeof dutyAct>;

export const dutyFinding = z.object({
  rule: z.enum(DUTY_RULES),
  severity: z.enum(["critical", "high", "medium"]),
  at: z.date(),
  text: z.string(),
  /** Keys of the acts that it is about. */
  acts: z.array(z.string()),
});
export type DutyFinding = z.infer<typeof dutyFinding>;

/** `from` is in the period, `to` is not. */
export const reportDutiesInput = z
  .object({ from: z.coerce.date(), to: z.coerce.date() })
  .refine(({ from, to }) => from < to, "The period must begin before it ends.")
  .refine(
    ({ from, to }) => to.getTime() - from.getTime() <= PERIOD_DAYS_MAX * 86_400_000,
    `At most ${PERIOD_DAYS_MAX} days at a time.`,
  );
export type ReportDutiesInput = z.input<typeof reportDutiesInput>;

export const dutiesReport = z.object({
  from: z.date(),
  to: z.date(),
  acts: z.array(dutyAct),
  findings: z.array(dutyFinding),
  /** How many acts of each kind were looked at. */
  counts: z.record(z.enum(ACT_KINDS), z.number().int()),
  /** There were more acts than one report holds: the oldest of the period are missing. */
  cut: z.boolean(),
});
export type DutiesReport = z.infer<typeof dutiesReport>;

import { z } from "zod";
import { ruleTags } from "./rule-tags-schema.ts";

/** Bounds of the language. Each is what keeps the cost of a rule fixed, whatever its document says. */
export const RULE_LIMITS = {
  rulesMax: 64,
  patternsMax: 20,
  patternCharsMax: 120,
  starsMax: 6,
  secondsMin: 10,
  secondsMax: 3_600,
  examplesMax: 8,
  stepsPerExampleMax: 20,
  eventsPerExampleMax: 5_000,
} as const;

// Tests, not patterns of the schema: in the API's description an expression has no flag, and would mean another.
const printable = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;
const line = (max: number, min = 1) =>
  z
    .string()
    .min(min)
    .max(max)
    .refine((text) => printable.test(text), "one line without invisible characters");
const prosaic = /^(?:[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\n)*$/u;
const prose = z
  .string()
  .max(2_000)
  .refine((text) => prosaic.test(text), "plain text without control or invisible characters");

/** `*` stands for any characters, also none; everything else for itself. The whole name has to fit. */
export const globPattern = line(RULE_LIMITS.patternCharsMax).refine(
  (text) => text.split("*").length - 1 <= RULE_LIMITS.starsMax,
  `at most ${RULE_LIMITS.starsMax} stars`,
);
const globs = z.array(globPattern).min(1).max(RULE_LIMITS.patternsMax);
const hour = z.number().int().min(0).max(23);

/** Which actions count. All of what is given must hold; a list holds where one of its patterns fits. */
export const actionFilter = z.strictObject({
  actions: globs.optional(),
  endpoints: globs.optional(),
  data: globs.optional(),
  /** `outside`: a peer in the zone outside the bank, or one that stands in no zone. `inside`: any other peer. */
  peer: z.enum(["inside", "outside"]).optional(),
  refused: z.boolean().optional(),
  bytesAtLeast: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  /** In the bank's time zone, from this hour on until before that one; over midnight where `from` is later. */
  hours: z
    .strictObject({ from: hour, to: hour })
    .refine(({ from, to }) => from !== to, "from and to are different hours")
    .optional(),
});
export type ActionFilter = z.infer<typeof actionFilter>;

/** What is counted: actions, or how many different people and accounts, endpoints or transactions they named. */
export const RULE_MEASURES = ["actions", "subjects", "endpoints", "transactions"] as const;
export type RuleMeasure = (typeof RULE_MEASURES)[number];
const measure = z.enum(RULE_MEASURES).default("actions");
const seconds = z
  .number()
  .int()
  .min(RULE_LIMITS.secondsMin)
  .max(RULE_LIMITS.secondsMax)
  .multipleOf(10, "a multiple of ten seconds");

export const RULE_KINDS = [
  "rate",
  "volume",
  "sequence",
  "credentials",
  "forbidden-data",
  "single-action",
  "untrusted-time",
] as const;
export type RuleKind = (typeof RULE_KINDS)[number];
/** Kinds that the gateway judges for each action by itself; the others look at a span of time. */
export const SINGLE_KINDS: readonly RuleKind[] = ["forbidden-data", "single-action", "untrusted-time"];

export const ruleCondition = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("rate"),
    where: actionFilter,
    measure,
    above: z.number().int().min(1).max(1_000_000),
    seconds,
  }),
  z.strictObject({
    kind: z.literal("volume"),
    where: actionFilter,
    aboveBytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    seconds,
  }),
  z.strictObject({
    kind: z.literal("sequence"),
    first: z.strictObject({ where: actionFilter, measure, atLeast: z.number().int().min(1).max(100_000) }),
    next: z.strictObject({ where: actionFilter }),
    seconds,
  }),
  z.strictObject({ kind: z.literal("credentials"), seconds }),
  z.strictObject({
    kind: z.literal("forbidden-data"),
    /** Words of a name, its parts being separated by `/ : . _ -`; case does not matter. */
    words: z.array(z.string().regex(/^[a-z0-9]{2,40}$/, "a word of small letters and digits")).max(20),
    patterns: z.array(globPattern).max(RULE_LIMITS.patternsMax),
    unlessScope: z
      .string()
      .max(80)
      .regex(/^[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*$/, "a scope, such as customer:sensitive_data"),
  }),
  z.strictObject({ kind: z.literal("single-action"), where: actionFilter }),
  z.strictObject({ kind: z.literal("untrusted-time") }),
]);
export type RuleCondition = z.infer<typeof ruleCondition>;

/** Which agents a rule over a span holds for; what is not given does not matter. */
export const agentFilter = z.strictObject({
  names: globs.optional(),
  kinds: z.array(line(40)).min(1).max(10).optional(),
  zones: z.array(line(40)).min(1).max(10).optional(),
  criticalities: z.array(line(40)).min(1).max(10).optional(),
});
export type AgentFilter = z.infer<typeof agentFilter>;

/** One or many alike actions of an example. `{n}` in a subject, endpoint or transaction is the action's number. */
export const exampleStep = z.strictObject({
  /** Seconds after the beginning of the example. */
  after: z.number().min(0).max(7_200),
  times: z.number().int().min(1).max(RULE_LIMITS.eventsPerExampleMax).default(1),
  everyMs: z.number().int().min(0).max(60_000).default(100),
  action: line(128),
  endpoint: line(256).optional(),
  transactionId: line(256).optional(),
  data: z.array(line(256)).max(10).optional(),
  subject: line(256).optional(),
  bytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  peer: z.enum(["inside", "outside"]).optional(),
  refused: z.boolean().default(false),
  scopes: z.array(line(80)).max(20).optional(),
  /** Which of the agent's certificates carried it, and from which network. */
  certificate: line(40).default("first"),
  network: line(80).default("10.0.0.0/24"),
  /** How much later than it happened it was reported. */
  arrivesAfterSeconds: z.number().min(-3_600).max(86_400).default(0),
});
export type ExampleStep = z.infer<typeof exampleStep>;

export const ruleExample = z.strictObject({
  title: line(120),
  fires: z.boolean(),
  /** The hour at which it begins, in the bank's time zone. */
  startHour: hour.default(10),
  steps: z.array(exampleStep).min(1).max(RULE_LIMITS.stepsPerExampleMax),
});
export type RuleExample = z.infer<typeof ruleExample>;

export const RULE_DOES = ["alert", "refuse", "limit"] as const;
export type RuleDoes = (typeof RULE_DOES)[number];

/** A rule as it stands in a version of the set. What may not be is said by `engine/rules/check-rule-set.ts`. */
export const detectionRule = z.strictObject({
  id: z
    .string()
    .max(60)
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "lower-case words with - between them"),
  title: line(120, 3),
  severity: z.enum(["low", "medium", "high", "critical"]),
  enabled: z.boolean(),
  description: prose,
  /** What makes it fire without cause, and what to do then. */
  falsePositives: prose,
  tags: ruleTags,
  agents: agentFilter.optional(),
  condition: ruleCondition,
  /** `refuse` is for single actions, `limit` for spans. Containing an agent is left to its score and to people. */
  does: z.enum(RULE_DOES),
  examples: z.array(ruleExample).max(RULE_LIMITS.examplesMax),
});
export type DetectionRule = z.infer<typeof detectionRule>;
export type DetectionRuleInput = z.input<typeof detectionRule>;

/** A whole version of the rules, as stored: never changed once written. */
export const ruleSet = z.strictObject({
  version: z.number().int().positive(),
  rules: z.array(detectionRule).max(RULE_LIMITS.rulesMax),
});
export type RuleSet = z.infer<typeof ruleSet>;

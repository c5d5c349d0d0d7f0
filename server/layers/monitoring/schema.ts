import { z } from "zod";

/** What behaviour is measured by: the seed's six features and two ratios. Titles and units for the screens. */
export const FEATURES = [
  { key: "apiCallsPerMinute", title: "API calls", unit: "calls/min", digits: 0 },
  { key: "dataMegabytes", title: "data volume", unit: "MB/min", digits: 2 },
  { key: "uniqueEndpoints", title: "different endpoints", unit: "endpoints", digits: 0 },
  { key: "timeOfDayDeviation", title: "time of day", unit: "share of usual minutes idle", digits: 3 },
  { key: "geographicAnomaly", title: "network", unit: "share of calls from new networks", digits: 2 },
  { key: "patternSurprise", title: "sequence of actions", unit: "nats a step", digits: 2 },
  { key: "bytesPerCall", title: "data per call", unit: "bytes/call", digits: 0 },
  { key: "impossibleTravel", title: "impossible travel", unit: "km/h", digits: 0 },
  { key: "refusedRatio", title: "refused calls", unit: "share of calls", digits: 3 },
] as const;

export const FEATURE_KEYS = FEATURES.map((feature) => feature.key) as [FeatureKey, ...FeatureKey[]];
export type FeatureKey = (typeof FEATURES)[number]["key"];

/** One minute of an agent, as measured: nothing here depends on a baseline. */
export const windowFeatures = z.object({
  apiCallsPerMinute: z.number().min(0),
  dataMegabytes: z.number().min(0),
  uniqueEndpoints: z.number().min(0),
  bytesPerCall: z.number().min(0),
  refusedRatio: z.number().min(0).max(1),
  /** Actions whose time was not believed: recorded, not scored. */
  late: z.number().min(0).default(0),
  /** Calls by network. */
  networks: z.record(z.string(), z.number()).default({}),
  /** Counts of "action>next action". */
  transitions: z.record(z.string(), z.number()).default({}),
  /** Transitions beyond those kept by name. */
  transitionsOther: z.number().default(0),
});
export type WindowFeatures = z.infer<typeof windowFeatures>;

/** A feature's part in a score. `words` is shown verbatim. */
export const contribution = z.object({
  feature: z.enum(FEATURE_KEYS),
  value: z.number(),
  expected: z.object({ low: z.number(), high: z.number(), typical: z.number() }),
  /** Robust standard deviations above what is usual; 0 when at or under it. */
  deviations: z.number(),
  /** Part of the score's square that this feature makes up. */
  share: z.number(),
  /** `alert` from 4 deviations, `warning` from 2. */
  flag: z.enum(["alert", "warning"]).nullable(),
  words: z.string(),
});
export type Contribution = z.infer<typeof contribution>;

export const RESPONSE_LEVELS = ["none", "record", "limit", "contain"] as const;
export type ResponseLevel = (typeof RESPONSE_LEVELS)[number];
/** A score above the number starts the response (seed, module 5); the number itself does not. */
export const RESPONSE_THRESHOLDS = { record: 0.5, limit: 0.7, contain: 0.9 } as const;

export const ALERT_STATUSES = ["open", "acknowledged", "closed"] as const;
export const ALERT_SEVERITIES = ["low", "medium", "high", "critical"] as const;
export const ALERT_KINDS = [
  "behaviour",
  "rule",
  "authorization",
  "isolation",
  "identity",
  "audit",
  "incident",
] as const;
export const ALERT_DISPOSITIONS = ["true-positive", "false-positive", "benign"] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];
export type AlertKind = (typeof ALERT_KINDS)[number];
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/** An alert as the screens and the API show it. */
export const alertView = z.object({
  id: z.uuid(),
  number: z.number().int(),
  kind: z.enum(ALERT_KINDS),
  rule: z.string(),
  /** What it was about, as `family/detail`; empty where the rule says it all. */
  cause: z.string(),
  groupKey: z.string(),
  severity: z.enum(ALERT_SEVERITIES),
  title: z.string(),
  detail: z.record(z.string(), z.unknown()),
  score: z.number().nullable(),
  count: z.number().int(),
  status: z.enum(ALERT_STATUSES),
  agent: z.object({ id: z.uuid(), name: z.string(), did: z.string() }).nullable(),
  owner: z.object({ id: z.string(), email: z.string() }).nullable(),
  incident: z.object({ id: z.uuid(), number: z.number().int() }).nullable(),
  openedAt: z.date(),
  lastSeenAt: z.date(),
  acknowledgedAt: z.date().nullable(),
  closedAt: z.date().nullable(),
  disposition: z.enum(ALERT_DISPOSITIONS).nullable(),
  closeReason: z.string().nullable(),
  /** Until when the verdict counts for those that come after; null: for good. */
  verdictUntil: z.date().nullable(),
  mergedInto: z.object({ id: z.uuid(), number: z.number().int() }).nullable(),
  version: z.number().int(),
});
export type AlertView = z.infer<typeof alertView>;

export const ALERTS_PAGE_MAX = 200;
export const QUERY_CHARS_MAX = 1_000;
/** Several values: a list, or one text with commas, as a query string has it. */
const list = <T extends z.ZodType>(item: T) =>
  z
    .union([
      z.array(item).max(10),
      z
        .string()
        .max(200)
        .transform((text) => text.split(","))
        .pipe(z.array(item).max(10) as unknown as z.ZodType<z.output<T>[], string[]>),
    ])
    .optional();

export const alertFilter = z.object({
  status: list(z.enum(ALERT_STATUSES)),
  severity: list(z.enum(ALERT_SEVERITIES)),
  kind: list(z.enum(ALERT_KINDS)),
  agent: z.string().max(200).optional(),
  rule: z.string().max(100).optional(),
  /** A person's id, or `none` for alerts that nobody owns. */
  owner: z.string().max(100).optional(),
  search: z.string().max(200).optional(),
  /** A query as it is typed: `severity >= high and not owner:none`. */
  query: z.string().max(QUERY_CHARS_MAX).optional(),
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(ALERTS_PAGE_MAX).default(50),
});
export type AlertFilter = z.input<typeof alertFilter>;
export type ReadFilter = Partial<z.output<typeof alertFilter>>;

/** A page of alerts, and how many pass the filter by status and by severity. */
export const alertPage = z.object({
  alerts: z.array(alertView),
  /** Null on the last page. */
  nextCursor: z.string().nullable(),
  total: z.number().int(),
  /** When it was read: what an act on everything that matches is frozen at. */
  asOf: z.date(),
  counts: z.object({
    status: z.record(z.string(), z.number()),
    severity: z.record(z.string(), z.number()),
  }),
});
export type AlertPage = z.infer<typeof alertPage>;

export const SERIES_POINTS_MAX = 600;
export const behaviourSeriesInput = z
  .object({
    agent: z.string().max(200),
    feature: z.enum(FEATURE_KEYS).default("apiCallsPerMinute"),
    from: z.date(),
    to: z.date(),
    points: z.number().int().min(10).max(SERIES_POINTS_MAX).default(SERIES_POINTS_MAX),
  })
  .refine(({ from, to }) => from < to, { path: ["to"], message: "The end must be after the start." })
  .refine(({ from, to }) => to.getTime() - from.getTime() <= 400 * 86_400_000, {
    path: ["from"],
    message: "At most 400 days at a time.",
  });

export const IMPORT_WINDOWS_MAX = 60_000;
export const importHistoryInput = z.object({
  agentId: z.uuid(),
  windows: z
    .array(
      z.object({
        /** End of the minute. */
        at: z.date(),
        calls: z.number().int().min(0),
        megabytes: z.number().min(0),
        endpoints: z.number().int().min(0),
        refused: z.number().int().min(0).default(0),
        networks: z.record(z.string().max(80), z.number().int().min(1)).optional(),
        transitions: z.record(z.string().max(80), z.number().int().min(1)).optional(),
      }),
    )
    .min(1)
    .max(IMPORT_WINDOWS_MAX),
  /** Transitions of the whole history, where the windows do not carry their own: spread over its days. */
  transitions: z.record(z.string().max(80), z.number().int().min(1)).optional(),
  /** Calls by network over the whole history, likewise. */
  networks: z.record(z.string().max(80), z.number().int().min(1)).optional(),
});
export type ImportHistoryInput = z.input<typeof importHistoryInput>;

import { z } from "zod";
import { ALERT_DISPOSITIONS, ALERT_SEVERITIES, ALERT_STATUSES, alertFilter, alertView } from "./schema.ts";

/** What a person is believed to have thought of: more than a word's beginning. */
const reason = z.string().trim().min(3, "Say why, in three characters or more.").max(2000);
export const SUPPRESS_DAYS_MAX = 30;
export const MERGED_MAX = 500;

/** What each act asks beyond the alert. */
export const ACT_PARAMS = {
  acknowledge: z.object({}),
  assign: z.object({ ownerId: z.string().max(100).nullable() }),
  close: z.object({
    disposition: z.enum(ALERT_DISPOSITIONS),
    reason,
    /** A false positive alone: until when it counts as how this was judged before. */
    verdictUntil: z.coerce.date().optional(),
  }),
  suppress: z.object({
    until: z.coerce.date(),
    reason,
    /** `rule`: whatever the cause. `cause`: this cause alone. */
    scope: z.enum(["rule", "cause"]).default("rule"),
  }),
  merge: z.object({ intoId: z.uuid(), reason }),
  unmerge: z.object({ reason }),
  reopen: z.object({ reason }),
  escalate: z.object({
    /** An open incident; without it a new one is declared. */
    incidentNumber: z.number().int().min(1).max(2_147_483_647).optional(),
    title: z.string().trim().min(3).max(200).optional(),
    severity: z.enum(ALERT_SEVERITIES).optional(),
    reason,
  }),
} as const;

const versioned = z.object({ id: z.uuid(), version: z.number().int() });
export const acknowledgeAlertInput = versioned;
export const assignAlertInput = versioned.extend(ACT_PARAMS.assign.shape);
export const closeAlertInput = versioned.extend(ACT_PARAMS.close.shape);
export const suppressAlertInput = versioned.extend(ACT_PARAMS.suppress.shape);
export const mergeAlertInput = versioned.extend(ACT_PARAMS.merge.shape);
export const unmergeAlertInput = versioned.extend(ACT_PARAMS.unmerge.shape);
export const reopenAlertInput = versioned.extend(ACT_PARAMS.reopen.shape);
export const escalateAlertInput = versioned.extend(ACT_PARAMS.escalate.shape);
export const noteAlertInput = z.object({ id: z.uuid(), text: z.string().trim().min(1).max(4000) });
export const liftSuppressionInput = z.object({ id: z.uuid(), reason });

/** What was done to an alert, once. `detail` differs by kind and is shown in words. */
export const transitionView = z.object({
  id: z.number().int(),
  at: z.date(),
  kind: z.string(),
  actor: z.string(),
  /** The person's id; null for Vigil's own duties. */
  actorId: z.string().nullable(),
  statusBefore: z.enum(ALERT_STATUSES).nullable(),
  statusAfter: z.enum(ALERT_STATUSES),
  detail: z.record(z.string(), z.unknown()),
  /** What was done, as the end of a sentence that begins with who. */
  words: z.string(),
});
export type TransitionView = z.infer<typeof transitionView>;

export const suppressionView = z.object({
  id: z.uuid(),
  agent: z.object({ id: z.uuid(), name: z.string() }),
  rule: z.string(),
  cause: z.string().nullable(),
  alertNumber: z.number().int(),
  until: z.date(),
  reason: z.string(),
  createdAt: z.date(),
  createdBy: z.string(),
  count: z.number().int(),
  lastSeenAt: z.date().nullable(),
  liftedAt: z.date().nullable(),
  liftedBy: z.string().nullable(),
});
export type SuppressionView = z.infer<typeof suppressionView>;

export const occurrence = z.object({
  minute: z.date(),
  count: z.number().int(),
  score: z.number().nullable(),
  severity: z.string(),
});

/** How a rule's alerts were judged in the last ninety days, verdicts that have ended left out. */
export const ruleRecord = z.object({
  days: z.number().int(),
  raised: z.number().int(),
  verdicts: z.record(z.string(), z.number().int()),
  /** False positives among those with a verdict; null where nothing was judged. */
  falsePositiveRate: z.number().nullable(),
});

/** One alert with everything that is known of it. */
export const alertDetail = alertView.extend({
  /** Closed ones of the same agent and rule before it; `counts` is whether the verdict still does. */
  earlier: z.array(alertView.extend({ counts: z.boolean() })),
  /** The same rule on other agents, the newest first. */
  similar: z.array(alertView),
  /** The others of its agent and cause. */
  group: z.array(alertView),
  merged: z.array(alertView),
  transitions: z.array(transitionView),
  occurrences: z.array(occurrence),
  suppression: suppressionView.nullable(),
  ruleRecord,
  agentState: z
    .object({ status: z.string(), level: z.string().nullable(), score: z.number().nullable() })
    .nullable(),
});
export type AlertDetail = z.infer<typeof alertDetail>;

/** Alerts of one agent and cause, by the one that was opened last. */
export const alertGroup = z.object({
  lead: alertView,
  members: z.number().int(),
  occurrences: z.number().int(),
  worst: z.enum(ALERT_SEVERITIES),
  /** The newest members that pass the filter, the lead among them. */
  alerts: z.array(alertView),
});
export type AlertGroup = z.infer<typeof alertGroup>;
export const GROUP_MEMBERS_SHOWN = 20;
export const alertGroupPage = z.object({
  groups: z.array(alertGroup),
  nextCursor: z.string().nullable(),
  /** Alerts, and groups of them, that pass the filter. */
  total: z.number().int(),
  groupCount: z.number().int(),
  suppressed: z.number().int(),
  asOf: z.date(),
  /** The parts of the query that are all asked for, and where each stands in its text. */
  pills: z.array(z.object({ text: z.string(), from: z.number().int(), to: z.number().int() })),
});
export type AlertGroupPage = z.infer<typeof alertGroupPage>;

const bare = alertFilter.omit({ cursor: true, limit: true });
export const alertFacetsInput = bare;
export const FACETS = ["status", "severity", "kind", "rule", "agent", "owner", "age"] as const;
/** For each facet the values that occur, the most frequent first, and the histogram by severity. */
export const alertFacets = z.object({
  facets: z.record(z.enum(FACETS), z.array(z.object({ value: z.string(), count: z.number().int() }))),
  histogram: z.object({
    stepMs: z.number(),
    bars: z.array(z.object({ at: z.date(), counts: z.record(z.string(), z.number().int()) })),
  }),
});
export type AlertFacets = z.infer<typeof alertFacets>;

export const alertTimes = z.object({
  days: z.number().int(),
  acknowledged: z.object({ count: z.number().int(), meanSeconds: z.number().nullable() }),
  resolved: z.object({ count: z.number().int(), meanSeconds: z.number().nullable() }),
});

export const BULK_NAMES = ["acknowledge", "assign", "close", "suppress", "merge", "escalate"] as const;
export type BulkName = (typeof BULK_NAMES)[number];
export const BULK_ALERTS_MAX = 10_000;

/** One act on many: those named with the version seen, or all that pass a filter as it was at an instant. */
export const actOnAlertsInput = z.object({
  /** Chosen by the caller: the same one again goes on where it stood. */
  actId: z.uuid(),
  action: z.enum(BULK_NAMES),
  params: z.record(z.string(), z.unknown()).default({}),
  selection: z.union([
    z.object({ alerts: z.array(versioned).min(1).max(1_000) }),
    z.object({
      filter: bare,
      asOf: z.coerce.date(),
      /** How many were shown: more than these are never touched. */
      count: z.number().int().min(1).max(BULK_ALERTS_MAX),
    }),
  ]),
});

export const ACT_OUTCOMES = ["done", "changed", "refused"] as const;
export const alertActView = z.object({
  actId: z.uuid(),
  action: z.enum(BULK_NAMES),
  total: z.number().int(),
  done: z.number().int(),
  changed: z.number().int(),
  refused: z.number().int(),
  /** Sent again while this is not 0, the act goes on. */
  waiting: z.number().int(),
  /** Shown, but no longer matching when the act began. */
  missing: z.number().int(),
  /** What did not come to be as asked, and why. */
  exceptions: z.array(
    z.object({
      number: z.number().int(),
      outcome: z.enum(ACT_OUTCOMES),
      by: z.string().nullable(),
      detail: z.string().nullable(),
    }),
  ),
});
export type AlertActView = z.infer<typeof alertActView>;

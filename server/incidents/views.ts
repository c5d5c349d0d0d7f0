import { z } from "zod";
import { CONTAINMENT_STEPS, FACT_KINDS, outcome, severity, worksheet } from "./schema.ts";

export const PAGE_MAX = 200;

/** A person, or one of Vigil's duties, which has no address. */
const person = z.object({ id: z.string(), email: z.string().nullable() });

const agentRef = z.object({ id: z.uuid(), name: z.string(), did: z.string() });
const permit = z.object({ allowed: z.boolean(), reason: z.string().nullable() });

export const clockView = z.object({
  id: z.uuid(),
  incidentNumber: z.number().int(),
  drill: z.boolean(),
  regime: z.string(),
  title: z.string(),
  ruleVersion: z.string(),
  basis: z.string(),
  recipient: z.string(),
  /** The agency's contact as it stood when the clock began. */
  contact: z.object({
    agency: z.string(),
    source: z.string(),
    from: z.string(),
    channels: z.array(z.object({ kind: z.string(), value: z.string() })),
  }),
  anchorEvent: z.string(),
  anchorAt: z.date(),
  anchoredBy: person,
  dueAt: z.date(),
  status: z.enum(["running", "overdue", "received", "received-late", "superseded"]),
  alarms: z.array(z.object({ hoursLeft: z.number(), at: z.date() })),
  receivedAt: z.date().nullable(),
  receipt: z
    .object({
      reference: z.string(),
      evidence: z.string(),
      evidenceDigest: z.string(),
      recordedBy: person,
      recordedAt: z.string(),
      late: z.boolean(),
    })
    .nullable(),
});
export type ClockView = z.infer<typeof clockView>;

export const incidentRow = z.object({
  id: z.uuid(),
  number: z.number().int(),
  name: z.string(),
  title: z.string(),
  severity,
  status: z.enum(["open", "closed"]),
  drill: z.boolean(),
  agent: agentRef.nullable(),
  lead: person.nullable(),
  openedAt: z.date(),
  closedAt: z.date().nullable(),
  version: z.number().int(),
  /** The determination that counts; null while nobody has determined. */
  outcome: outcome.nullable(),
  /** The clock that is due first of those that run, else the last one. */
  clock: z
    .object({ dueAt: z.date(), status: clockView.shape.status, receivedAt: z.date().nullable() })
    .nullable(),
  tasksDone: z.number().int(),
  tasksTotal: z.number().int(),
});
export type IncidentListRow = z.infer<typeof incidentRow>;

export const listIncidentsInput = z.object({
  status: z.enum(["open", "closed"]).optional(),
  severity: severity.optional(),
  agent: z.string().max(200).optional(),
  kind: z.enum(["real", "drill"]).optional(),
  /** The number of the last incident of the page before. */
  cursor: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50),
});

export const incidentPage = z.object({
  incidents: z.array(incidentRow),
  nextCursor: z.number().int().nullable(),
  total: z.number().int(),
});

export const factView = z.object({
  id: z.uuid(),
  kind: z.enum(FACT_KINDS),
  at: z.date(),
  recordedAt: z.date(),
  actor: person,
  summary: z.string(),
  detail: z.record(z.string(), z.unknown()),
  supersedes: z.uuid().nullable(),
  superseded: z.boolean(),
});

export const determinationView = z.object({
  id: z.uuid(),
  outcome,
  worksheet,
  reason: z.string(),
  determinedBy: person,
  determinedAt: z.date(),
  stepUp: z.string(),
  supersedes: z.uuid().nullable(),
  superseded: z.boolean(),
  digest: z.string(),
  /** The row still says what the audit record says was decided. */
  intact: z.boolean(),
});

export const taskView = z.object({
  id: z.uuid(),
  phase: z.string(),
  position: z.number().int(),
  title: z.string(),
  owner: person.nullable(),
  doneAt: z.date().nullable(),
  doneBy: person.nullable(),
});

export const stepView = z.object({
  step: z.enum(CONTAINMENT_STEPS),
  status: z.enum(["pending", "done", "confirmed", "failed"]),
  detail: z.string(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
  durationMs: z.number().nullable(),
});

export const containmentView = z.object({
  id: z.uuid(),
  agent: agentRef,
  incident: z.object({ id: z.uuid(), number: z.number().int() }).nullable(),
  alertId: z.uuid().nullable(),
  reason: z.string(),
  status: z.enum(["running", "done", "partial", "released"]),
  requestedBy: person,
  requestedAt: z.date(),
  steps: z.array(stepView),
  snapshot: z.object({ id: z.uuid(), digest: z.string(), takenAt: z.date() }).nullable(),
  release: z.object({ requestedBy: person, reason: z.string() }).nullable(),
  releasedBy: person.nullable(),
  releasedAt: z.date().nullable(),
  canRequestRelease: permit,
  canRelease: permit,
});
export type ContainmentView = z.infer<typeof containmentView>;

export const timelineEntry = z.object({
  at: z.date(),
  recordedAt: z.date(),
  source: z.enum(["fact", "alert", "step", "vote"]),
  kind: z.string(),
  title: z.string(),
  actor: person.nullable(),
  refId: z.string(),
  superseded: z.boolean(),
});
export type TimelineEntry = z.infer<typeof timelineEntry>;

export const incidentDetail = incidentRow.extend({
  facts: z.array(factView),
  determinations: z.array(determinationView),
  clocks: z.array(clockView),
  tasks: z.array(taskView),
  containments: z.array(containmentView),
  alerts: z.array(
    z.object({
      id: z.uuid(),
      number: z.number().int(),
      title: z.string(),
      severity: z.string(),
      status: z.string(),
      openedAt: z.date(),
    }),
  ),
  timeline: z.array(timelineEntry),
  /** The history is longer than what is listed here. */
  truncated: z.boolean(),
  canDetermine: permit,
  canRecordReceipt: permit,
});
export type IncidentDetail = z.infer<typeof incidentDetail>;

export const runningClocks = z.object({
  /** The server's clock: countdowns run on it. */
  now: z.date(),
  clocks: z.array(clockView),
});

/** `anchors`: `event=instant`, several with commas, as a query string has it; or `event` and `at` where there is one. */
export const clockPreviewInput = z
  .object({
    regime: z.string().max(40),
    anchors: z.string().max(400).optional(),
    event: z.string().max(40).optional(),
    at: z.string().max(40).optional(),
  })
  .transform(({ regime, anchors, event, at }, context) => {
    const given = anchors?.split(",") ?? [];
    if (event !== undefined) given.push(`${event}=${at ?? ""}`);
    const pairs = given.map((text) => /^([a-z-]+)=(.+)$/.exec(text.trim()));
    if (pairs.includes(null) || pairs.length === 0)
      context.addIssue({
        code: "custom",
        message:
          "Say which events, and when: anchors=aware=2026-03-07T20:00:00Z,classified=2026-03-07T21:00:00Z.",
      });
    return { regime, anchors: Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""])) };
  });

/** Instants in UTC, to the second. */
export const clockPreview = z.object({
  regime: z.string(),
  ruleVersion: z.string(),
  title: z.string(),
  basis: z.string(),
  recipient: z.string(),
  notes: z.string(),
  anchors: z.record(z.string(), z.string()),
  dueAt: z.string(),
  /** How it was worked out, a sentence a step. */
  steps: z.array(z.string()),
  alarms: z.array(z.object({ hoursLeft: z.number(), at: z.string() })),
});
export type ClockPreview = z.infer<typeof clockPreview>;

export const regimes = z.array(
  z.object({
    regime: z.string(),
    title: z.string(),
    version: z.string(),
    /** First day on which it is law; null where it is not yet. */
    since: z.string().nullable(),
    /** Why it is switched off, or null. */
    off: z.string().nullable(),
    recipient: z.string(),
    basis: z.string(),
    /** Zone of the recipient's day. */
    timeZone: z.string(),
    /** What must have happened, in the order of time. */
    events: z.array(z.string()),
    notes: z.string(),
  }),
);
export type Regimes = z.infer<typeof regimes>;

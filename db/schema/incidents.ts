import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";
import { agents } from "./identity.ts";

export const incidents = pgTable("incidents", {
  id: uuid("id").primaryKey(),
  /** Shown as INC-0042. */
  number: serial("number").notNull(),
  title: text("title").notNull(),
  severity: text("severity").notNull(),
  /** `open` or `closed`. */
  status: text("status").notNull().default("open"),
  agentId: uuid("agent_id").references(() => agents.id),
  drill: boolean("drill").notNull().default(false),
  leadId: text("lead_id"),
  openedAt: instant("opened_at").notNull(),
  closedAt: instant("closed_at"),
  version: integer("version").notNull().default(1),
});

/** Occurred, detected, contained, assessed, determined, notified, recovered, closed: append-only facts. */
export const incidentFacts = pgTable(
  "incident_facts",
  {
    id: uuid("id").primaryKey(),
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => incidents.id),
    kind: text("kind").notNull(),
    /** When it happened, as far as known. */
    at: instant("at").notNull(),
    recordedAt: instant("recorded_at").notNull(),
    actor: text("actor").notNull(),
    summary: text("summary").notNull(),
    detail: jsonb("detail").notNull().default({}),
    supersedes: uuid("supersedes"),
  },
  (t) => [index("incident_facts_by_incident").on(t.incidentId, t.at)],
);

/** A human's signed decision; a new one supersedes, none is changed. */
export const determinations = pgTable("determinations", {
  id: uuid("id").primaryKey(),
  incidentId: uuid("incident_id")
    .notNull()
    .references(() => incidents.id),
  /** `notifiable` or `not-notifiable`. */
  outcome: text("outcome").notNull(),
  /** The three limbs of the rule, each with its answer and its facts. */
  worksheet: jsonb("worksheet").notNull(),
  reason: text("reason").notNull(),
  determinedBy: text("determined_by").notNull(),
  determinedAt: instant("determined_at").notNull(),
  stepUp: text("step_up").notNull(),
  supersedes: uuid("supersedes"),
});

/** A running deadline: `dueAt` is a stored instant, and only receipt stops it. */
export const clocks = pgTable(
  "clocks",
  {
    id: uuid("id").primaryKey(),
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => incidents.id),
    regime: text("regime").notNull(),
    ruleVersion: text("rule_version").notNull(),
    recipient: text("recipient").notNull(),
    basis: text("basis").notNull(),
    anchorEvent: text("anchor_event").notNull(),
    anchorAt: instant("anchor_at").notNull(),
    anchoredBy: text("anchored_by").notNull(),
    dueAt: instant("due_at").notNull(),
    /** `running`, `received` or `superseded`. */
    status: text("status").notNull().default("running"),
    receivedAt: instant("received_at"),
    receipt: jsonb("receipt"),
  },
  (t) => [index("clocks_running").on(t.status, t.dueAt)],
);

export const incidentTasks = pgTable("incident_tasks", {
  id: uuid("id").primaryKey(),
  incidentId: uuid("incident_id")
    .notNull()
    .references(() => incidents.id),
  /** `0-1`, `1-4`, `4-8`, `8-24` or `24-36`: hours of the playbook. */
  phase: text("phase").notNull(),
  position: integer("position").notNull(),
  title: text("title").notNull(),
  ownerId: text("owner_id"),
  doneAt: instant("done_at"),
  doneBy: text("done_by"),
});

/** Evidence taken at containment; `digest` is over the bytes as stored. */
export const snapshots = pgTable("snapshots", {
  id: uuid("id").primaryKey(),
  agentId: uuid("agent_id")
    .notNull()
    .references(() => agents.id),
  incidentId: uuid("incident_id"),
  containmentId: uuid("containment_id"),
  body: bytea("body").notNull(),
  digest: text("digest").notNull(),
  takenAt: instant("taken_at").notNull(),
});

export const containments = pgTable(
  "containments",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    incidentId: uuid("incident_id"),
    alertId: uuid("alert_id"),
    reason: text("reason").notNull(),
    requestedBy: text("requested_by").notNull(),
    requestedAt: instant("requested_at").notNull(),
    /** `running`, `done`, `partial` or `released`. */
    status: text("status").notNull().default("running"),
    /** The epoch of DENY_ALL that every gateway must confirm. */
    isolationEpoch: bigint("isolation_epoch", { mode: "number" }),
    releaseRequestedBy: text("release_requested_by"),
    releaseReason: text("release_reason"),
    releasedBy: text("released_by"),
    releasedAt: instant("released_at"),
  },
  (t) => [uniqueIndex("containments_one_open").on(t.agentId).where(sql`status <> 'released'`)],
);

export const containmentSteps = pgTable(
  "containment_steps",
  {
    containmentId: uuid("containment_id")
      .notNull()
      .references(() => containments.id),
    /** `tokens`, `isolation`, `connections`, `snapshot`, `incident` or `alert`. */
    step: text("step").notNull(),
    /** `done`, `confirmed` or `failed`. */
    status: text("status").notNull(),
    detail: text("detail").notNull(),
    startedAt: instant("started_at").notNull(),
    finishedAt: instant("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.containmentId, t.step] })],
);

import { sql } from "drizzle-orm";
import {
  bigint,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { agents } from "./identity.ts";
import { alerts } from "./monitoring.ts";

/** Everything that was done to an alert, by whom and when: what times to acknowledge and resolve are computed from. */
export const alertTransitions = pgTable(
  "alert_transitions",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    alertId: uuid("alert_id")
      .notNull()
      .references(() => alerts.id),
    at: instant("at").notNull(),
    /** `raised`, `acknowledged`, `assigned`, `closed`, `suppressed`, `merged`, `noted` … */
    kind: text("kind").notNull(),
    actor: text("actor").notNull(),
    /** The operator's id; null for Vigil's own duties. */
    actorId: text("actor_id"),
    statusBefore: text("status_before"),
    statusAfter: text("status_after").notNull(),
    detail: jsonb("detail").notNull(),
  },
  (t) => [index("alert_transitions_of").on(t.alertId, t.id), index("alert_transitions_at").on(t.at)],
);

/** How often an alert was raised, minute by minute; the oldest minutes give way to new ones. */
export const alertOccurrences = pgTable(
  "alert_occurrences",
  {
    alertId: uuid("alert_id")
      .notNull()
      .references(() => alerts.id),
    /** Start of the minute. */
    minute: instant("minute").notNull(),
    count: integer("count").notNull().default(1),
    score: doublePrecision("score"),
    severity: text("severity").notNull(),
  },
  (t) => [primaryKey({ columns: [t.alertId, t.minute] })],
);

/** What is counted instead of raised, until when and why. Ends by itself, or is lifted. */
export const alertSuppressions = pgTable(
  "alert_suppressions",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    rule: text("rule").notNull(),
    /** Null: whatever the cause. */
    cause: text("cause"),
    /** The alert that it was decided on. */
    alertId: uuid("alert_id")
      .notNull()
      .references(() => alerts.id),
    until: instant("until").notNull(),
    reason: text("reason").notNull(),
    createdAt: instant("created_at").notNull(),
    createdBy: text("created_by").notNull(),
    /** How often it would have been raised. */
    count: integer("count").notNull().default(0),
    lastSeenAt: instant("last_seen_at"),
    liftedAt: instant("lifted_at"),
    liftedBy: text("lifted_by"),
    liftReason: text("lift_reason"),
  },
  (t) => [index("alert_suppressions_of").on(t.agentId, t.rule).where(sql`lifted_at is null`)],
);

/** One act on many alerts: what was chosen and what is done with each. Its id is the caller's: sent again, it goes on. */
export const alertActs = pgTable("alert_acts", {
  id: uuid("id").primaryKey(),
  action: text("action").notNull(),
  input: jsonb("input").notNull(),
  actor: text("actor").notNull(),
  actorId: text("actor_id").notNull(),
  createdAt: instant("created_at").notNull(),
  /** The incident that it opened or tied the alerts to. */
  incidentId: uuid("incident_id"),
  total: integer("total").notNull(),
  /** How many of those that were shown no longer passed the filter. */
  missing: integer("missing").notNull().default(0),
  finishedAt: instant("finished_at"),
});

/** One alert of an act, and what came of it. `outcome` is null while it waits. */
export const alertActItems = pgTable(
  "alert_act_items",
  {
    actId: uuid("act_id")
      .notNull()
      .references(() => alertActs.id),
    position: integer("position").notNull(),
    alertId: uuid("alert_id").notNull(),
    /** The version that was seen. */
    version: integer("version").notNull(),
    /** `done`, `changed` or `refused`. */
    outcome: text("outcome"),
    by: text("by"),
    detail: text("detail"),
    decidedAt: instant("decided_at"),
  },
  (t) => [
    primaryKey({ columns: [t.actId, t.alertId] }),
    index("alert_act_items_waiting").on(t.actId, t.position).where(sql`outcome is null`),
  ],
);

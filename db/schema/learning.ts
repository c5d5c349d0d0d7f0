import { sql } from "drizzle-orm";
import {
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { agents } from "./identity.ts";

/** A change of what an agent is learnt from or scored by: one person proposes it, another decides. */
export const learningProposals = pgTable(
  "learning_proposals",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    /** `exclude`, `readmit`, `relearn`, `rollback` or `unpin`. */
    kind: text("kind").notNull(),
    /** Of an interval, or the instant from which on to learn anew; null where the kind has none. */
    fromAt: instant("from_at"),
    toAt: instant("to_at"),
    /** The version to go back to. */
    baselineId: uuid("baseline_id"),
    reason: text("reason").notNull(),
    /** SHA-256 over the terms: what is decided is this and nothing else. */
    digest: text("digest").notNull(),
    proposedBy: text("proposed_by").notNull(),
    proposedAt: instant("proposed_at").notNull(),
    openUntil: instant("open_until").notNull(),
    /** `pending`, `approved`, `denied`, `withdrawn` or `expired`. */
    status: text("status").notNull().default("pending"),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    decisionReason: text("decision_reason"),
    stepUp: text("step_up"),
    /** When an approved one was done; null while it waits for enough to learn from. */
    doneAt: instant("done_at"),
    outcome: jsonb("outcome"),
  },
  (t) => [
    index("learning_proposals_by_agent").on(t.agentId, t.proposedAt),
    index("learning_proposals_waiting").on(t.openUntil).where(sql`status = 'pending'`),
    index("learning_proposals_undone").on(t.decidedAt).where(sql`status = 'approved' and done_at is null`),
    uniqueIndex("learning_proposals_one_pending").on(t.agentId, t.kind).where(sql`status = 'pending'`),
    check(
      "learning_proposals_second_person",
      sql`status <> 'approved' or (decided_by is not null and decided_by <> proposed_by)`,
    ),
  ],
);

/** A time in which named agents are limited and not contained for named causes: planned by one person, approved by another. */
export const maintenanceWindows = pgTable(
  "maintenance_windows",
  {
    id: uuid("id").primaryKey(),
    agentIds: uuid("agent_ids").array().notNull(),
    causes: text("causes").array().notNull(),
    startsAt: instant("starts_at").notNull(),
    endsAt: instant("ends_at").notNull(),
    reason: text("reason").notNull(),
    digest: text("digest").notNull(),
    proposedBy: text("proposed_by").notNull(),
    proposedAt: instant("proposed_at").notNull(),
    /** `pending`, `approved`, `denied`, `withdrawn` or `expired`. */
    status: text("status").notNull().default("pending"),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    decisionReason: text("decision_reason"),
    stepUp: text("step_up"),
    /** When somebody ended it before its time. */
    cancelledAt: instant("cancelled_at"),
    cancelledBy: text("cancelled_by"),
    /** When its start and its end were written down. */
    startNotedAt: instant("start_noted_at"),
    endNotedAt: instant("end_noted_at"),
  },
  (t) => [
    index("maintenance_windows_by_start").on(t.startsAt),
    index("maintenance_windows_unended").on(t.endsAt).where(sql`end_noted_at is null`),
    check(
      "maintenance_windows_second_person",
      sql`status <> 'approved' or (decided_by is not null and decided_by <> proposed_by)`,
    ),
  ],
);

/** What an analyst's verdict said of one cause of one alert: allowances are computed from these. */
export const verdictLessons = pgTable(
  "verdict_lessons",
  {
    alertId: uuid("alert_id").notNull(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    feature: text("feature").notNull(),
    disposition: text("disposition").notNull(),
    /** What the cause measured in the alert. */
    value: doublePrecision("value").notNull(),
    deviations: doublePrecision("deviations").notNull(),
    score: doublePrecision("score").notNull(),
    /** By which baseline it was scored; null while the agent was learning. */
    baselineId: uuid("baseline_id"),
    byUser: text("by_user").notNull(),
    /** The person's mailbox, so that two accounts of one person are one. */
    person: text("person").notNull(),
    at: instant("at").notNull(),
    /** When somebody took it back: it counts no more. */
    withdrawnAt: instant("withdrawn_at"),
    withdrawnBy: text("withdrawn_by"),
    withdrawReason: text("withdraw_reason"),
  },
  (t) => [
    primaryKey({ columns: [t.alertId, t.feature, t.at] }),
    index("verdict_lessons_by_agent").on(t.agentId, t.at).where(sql`withdrawn_at is null`),
  ],
);

/** What an agent with too little of its own is scored by: minutes of its peers, and more and more its own. */
export const peerPriors = pgTable("peer_priors", {
  agentId: uuid("agent_id")
    .primaryKey()
    .references(() => agents.id),
  /** A new one has a new id, so that a score says which it was. */
  id: uuid("id").notNull(),
  /** What makes them peers, in words. */
  kind: text("kind").notNull(),
  peerIds: uuid("peer_ids").array().notNull(),
  ownWindows: integer("own_windows").notNull(),
  peerWindows: integer("peer_windows").notNull(),
  model: jsonb("model").notNull(),
  learntAt: instant("learnt_at").notNull(),
});

/** After two people released an agent: what it was contained for, which for a while does not contain it again at once. */
export const coolDowns = pgTable(
  "cool_downs",
  {
    containmentId: uuid("containment_id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    score: doublePrecision("score").notNull(),
    /** Cause by cause what it measured. */
    causes: jsonb("causes").notNull(),
    startsAt: instant("starts_at").notNull(),
    endsAt: instant("ends_at").notNull(),
  },
  (t) => [index("cool_downs_by_agent").on(t.agentId, t.endsAt)],
);

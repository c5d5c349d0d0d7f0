import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { agents } from "./identity.ts";

/** Versions of the detection rules, whole: written once, by two people after the first. */
export const ruleSets = pgTable("rule_sets", {
  version: integer("version").primaryKey(),
  document: jsonb("document").notNull(),
  createdBy: text("created_by").notNull(),
  /** Who decided; null for the version that the set-up wrote. */
  approvedBy: text("approved_by"),
  reason: text("reason"),
  createdAt: instant("created_at").notNull(),
});

/** A version that somebody proposed and a second person decides. */
export const ruleProposals = pgTable(
  "rule_proposals",
  {
    id: uuid("id").primaryKey(),
    /** The version that it changes: where another has come since, it is proposed anew. */
    baseVersion: integer("base_version").notNull(),
    document: jsonb("document").notNull(),
    /** SHA-256 over the canonical document and its base: what is decided is this and nothing else. */
    digest: text("digest").notNull(),
    reason: text("reason").notNull(),
    proposedBy: text("proposed_by").notNull(),
    proposedAt: instant("proposed_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    /** `pending`, `approved`, `rejected`, `withdrawn` or `expired`. */
    status: text("status").notNull().default("pending"),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    decisionReason: text("decision_reason"),
    stepUp: text("step_up"),
    /** The version that it became. */
    version: integer("version"),
  },
  (t) => [
    index("rule_proposals_by_status").on(t.status, t.proposedAt),
    check(
      "rule_proposals_second_person",
      sql`status <> 'approved' or (decided_by is not null and decided_by <> proposed_by)`,
    ),
  ],
);

/** Each time a rule fired for an agent: once for each span of the clock, whoever worked it out and how often. */
export const ruleFirings = pgTable(
  "rule_firings",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    rule: text("rule").notNull(),
    /** The beginning of the span in which it fired. */
    episodeAt: instant("episode_at").notNull(),
    /** The version of the rules that said so. */
    version: integer("version").notNull(),
    firstAt: instant("first_at").notNull(),
    lastAt: instant("last_at").notNull(),
    counts: jsonb("counts").notNull(),
    /** A few of the records that show it. */
    recordIds: jsonb("record_ids").notNull(),
    alertId: uuid("alert_id").notNull(),
    firedAt: instant("fired_at").notNull(),
  },
  (t) => [
    uniqueIndex("rule_firings_once").on(t.agentId, t.rule, t.episodeAt),
    index("rule_firings_by_rule").on(t.rule, t.firedAt),
  ],
);

/** Trying rules on what was recorded: asked for by a person, done by the worker, which says how far it has come. */
export const ruleDryRuns = pgTable(
  "rule_dry_runs",
  {
    id: uuid("id").primaryKey(),
    /** The rules that are tried. */
    rules: jsonb("rules").notNull(),
    fromAt: instant("from_at").notNull(),
    toAt: instant("to_at").notNull(),
    askedBy: text("asked_by").notNull(),
    askedAt: instant("asked_at").notNull(),
    /** `waiting`, `running`, `done` or `failed`. */
    status: text("status").notNull().default("waiting"),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
    recordsRead: integer("records_read").notNull().default(0),
    /** The instant down to which was read; newest first. */
    readDownTo: instant("read_down_to"),
    result: jsonb("result"),
  },
  (t) => [index("rule_dry_runs_by_status").on(t.status, t.askedAt)],
);

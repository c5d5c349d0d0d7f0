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

/**
 * Trust in [0,1] per agent as it was computed, with the contributions that made it: what the history shows. Thinned
 * out as it ages. An override is not in it.
 */
export const trustScores = pgTable(
  "trust_scores",
  {
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    at: instant("at").notNull(),
    score: text("score").notNull(),
    contributions: jsonb("contributions").notNull(),
    /** Of the formula. */
    version: integer("version").notNull().default(1),
  },
  (t) => [primaryKey({ columns: [t.agentId, t.at] })],
);

/** A person's word on an agent's trust, in place of the score that was computed: approved by another, and for a time. */
export const trustOverrides = pgTable(
  "trust_overrides",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    score: doublePrecision("score").notNull(),
    durationSeconds: integer("duration_seconds").notNull(),
    reason: text("reason").notNull(),
    /** SHA-256 over agent, score and duration: what is decided is this and nothing else. */
    digest: text("digest").notNull(),
    requestedBy: text("requested_by").notNull(),
    requestedAt: instant("requested_at").notNull(),
    /** Unanswered, it ends here. */
    openUntil: instant("open_until").notNull(),
    /** `pending`, `approved`, `denied`, `withdrawn` or `expired`. */
    status: text("status").notNull().default("pending"),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    decisionReason: text("decision_reason"),
    stepUp: text("step_up"),
    /** When an approved one stops counting. */
    endsAt: instant("ends_at"),
    endedBy: text("ended_by"),
  },
  (t) => [
    index("trust_overrides_by_agent").on(t.agentId, t.requestedAt),
    index("trust_overrides_not_ended").on(t.endsAt).where(sql`status = 'approved' and ended_by is null`),
    uniqueIndex("trust_overrides_one_pending").on(t.agentId).where(sql`status = 'pending'`),
    check(
      "trust_overrides_second_person",
      sql`status <> 'approved' or (decided_by is not null and decided_by <> requested_by)`,
    ),
    check("trust_overrides_score", sql`score >= 0 and score <= 1`),
  ],
);

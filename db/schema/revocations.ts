import { sql } from "drizzle-orm";
import { bigint, index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant, xid8 } from "./columns.ts";
import { agents } from "./identity.ts";

/**
 * What stopped counting before its time, for those outside who rely on it. Triggers on `access_tokens`, `grants`,
 * `credentials`, `agents` and `isolation_states` fill it: no writer can forget it.
 */
export const revocations = pgTable(
  "revocations",
  {
    ord: bigint("ord", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    xid: xid8("xid").notNull().default(sql`pg_current_xact_id()`),
    /** `token`, `grant`, `certificate` or `agent`. */
    kind: text("kind").notNull(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    /** What a resource server is told, as it is sent. */
    event: jsonb("event").notNull(),
    at: instant("at").notNull().default(sql`now()`),
    /** When it no longer needs telling: what it speaks of has ended by itself. Null while it holds without end. */
    endsAt: instant("ends_at"),
  },
  (t) => [
    index("revocations_in_order").on(t.xid, t.ord),
    index("revocations_by_end").on(t.endsAt),
    uniqueIndex("revocations_newest_of_agent").on(t.agentId, t.ord).where(sql`kind = 'agent'`),
  ],
);

import { bigint, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { agents } from "./identity.ts";

/** Where an agent wants to be told of what it waits for: its own server, under its callback certificate. */
export const callbackEndpoints = pgTable("callback_endpoints", {
  agentId: uuid("agent_id")
    .primaryKey()
    .references(() => agents.id),
  url: text("url").notNull(),
  /** When it first named one: what was decided before is not told. */
  setAt: instant("set_at").notNull(),
});

/** What an agent is told: once for each thing it waited for, at least once on the wire, in order. */
export const callbackDeliveries = pgTable(
  "callback_deliveries",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    /** `approval.decided`. */
    topic: text("topic").notNull(),
    /** Id of what it tells of. */
    subject: text("subject").notNull(),
    body: jsonb("body").notNull(),
    createdAt: instant("created_at").notNull(),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: instant("next_attempt_at").notNull(),
    deliveredAt: instant("delivered_at"),
    deadAt: instant("dead_at"),
    lastError: text("last_error"),
  },
  (t) => [
    uniqueIndex("callback_deliveries_once").on(t.agentId, t.topic, t.subject),
    index("callback_deliveries_due").on(t.agentId, t.deliveredAt, t.id),
  ],
);

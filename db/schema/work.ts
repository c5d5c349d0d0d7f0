import { bigint, boolean, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

/** A duty runs once at a time: its holder's epoch is checked by every write of that duty. */
export const leases = pgTable("leases", {
  name: text("name").primaryKey(),
  holder: text("holder").notNull(),
  epoch: bigint("epoch", { mode: "number" }).notNull(),
  expiresAt: instant("expires_at").notNull(),
});

/** Which processes live, and what each says of itself. */
export const processes = pgTable("processes", {
  id: text("id").primaryKey(),
  /** `console`, `gateway` or `worker`. */
  role: text("role").notNull(),
  startedAt: instant("started_at").notNull(),
  seenAt: instant("seen_at").notNull(),
  detail: jsonb("detail").notNull().default({}),
});

export const destinations = pgTable("destinations", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull().unique(),
  /** `webhook`. */
  kind: text("kind").notNull(),
  url: text("url").notNull(),
  secretSealed: bytea("secret_sealed").notNull(),
  enabled: boolean("enabled").notNull().default(true),
  /** An administrator's word that it is inside the bank's network: without it private addresses are refused. */
  allowPrivate: boolean("allow_private").notNull().default(false),
  createdAt: instant("created_at").notNull(),
});

/** What must reach an outside system: at least once, in order for each destination. */
export const outbox = pgTable(
  "outbox",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    destinationId: uuid("destination_id")
      .notNull()
      .references(() => destinations.id),
    topic: text("topic").notNull(),
    body: jsonb("body").notNull(),
    createdAt: instant("created_at").notNull(),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: instant("next_attempt_at").notNull(),
    deliveredAt: instant("delivered_at"),
    deadAt: instant("dead_at"),
    lastError: text("last_error"),
  },
  (t) => [index("outbox_due").on(t.destinationId, t.deliveredAt, t.id)],
);

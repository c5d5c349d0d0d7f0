import { bigint, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { agents } from "./identity.ts";

export const zones = pgTable("zones", { name: text("name").primaryKey(), title: text("title").notNull() });

/** Systems that agents may name as `peer`, and the zone each stands in. Agents are peers by their own zone. */
export const peers = pgTable("peers", {
  name: text("name").primaryKey(),
  zone: text("zone").notNull(),
  title: text("title").notNull(),
});

/** Which zone may reach which; what is not here is denied. */
export const zoneEdges = pgTable(
  "zone_edges",
  {
    fromZone: text("from_zone").notNull(),
    toZone: text("to_zone").notNull(),
    reason: text("reason").notNull(),
  },
  (t) => [primaryKey({ columns: [t.fromZone, t.toZone] })],
);

/** The state every gateway holds in memory: `open`, `limited` or `deny_all`. `epoch` grows with each change. */
export const isolationStates = pgTable("isolation_states", {
  agentId: uuid("agent_id")
    .primaryKey()
    .references(() => agents.id),
  state: text("state").notNull().default("open"),
  /** Requests a minute while `limited`. */
  limitPerMinute: integer("limit_per_minute"),
  epoch: bigint("epoch", { mode: "number" }).notNull().default(1),
  reason: text("reason").notNull().default(""),
  changedAt: instant("changed_at").notNull(),
  changedBy: text("changed_by").notNull(),
});

/** A gateway's word that it holds an epoch, and how many open connections it cut for it. */
export const isolationConfirmations = pgTable(
  "isolation_confirmations",
  {
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    epoch: bigint("epoch", { mode: "number" }).notNull(),
    gatewayId: text("gateway_id").notNull(),
    connectionsCut: integer("connections_cut").notNull(),
    confirmedAt: instant("confirmed_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.agentId, t.epoch, t.gatewayId] })],
);

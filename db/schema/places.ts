import { doublePrecision, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { agents } from "./identity.ts";

/** Where networks are, as an administrator says: what impossible travel is measured by. */
export const places = pgTable(
  "places",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    /** ISO 3166-1 alpha-2. */
    country: text("country").notNull(),
    latitude: doublePrecision("latitude").notNull(),
    longitude: doublePrecision("longitude").notNull(),
    /** CIDR. */
    prefix: text("prefix").notNull(),
    /** `data-centre`, between which agents may move at once, or `other`. */
    kind: text("kind").notNull(),
    createdAt: instant("created_at").notNull(),
    createdBy: text("created_by").notNull(),
  },
  (t) => [uniqueIndex("places_prefix").on(t.prefix)],
);

/** From which addresses an agent was seen in the last day, where their place is known. */
export const whereabouts = pgTable("whereabouts", {
  agentId: uuid("agent_id")
    .primaryKey()
    .references(() => agents.id),
  seen: jsonb("seen").notNull(),
});

import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";
import { agents } from "./identity.ts";
import { alerts } from "./monitoring.ts";

/** Outside systems that tell Vigil what they saw: Falco, Datadog and the like. Never deleted: their signals stay. */
export const signalSources = pgTable("signal_sources", {
  id: uuid("id").primaryKey(),
  /** Its part of the hook's address and of its alerts' rules; stays for good. */
  name: text("name").notNull().unique(),
  /** `falco`, `falcosidekick`, `datadog`, `sysdig` or `generic`. */
  kind: text("kind").notNull(),
  /** `bearer`, `signature` or `certificate`. */
  auth: text("auth").notNull(),
  /** Of a source with a certificate, whose certificate it is. */
  agentId: uuid("agent_id")
    .unique()
    .references(() => agents.id),
  enabled: boolean("enabled").notNull().default(true),
  /** Ordered rules: how a signal finds its agent. */
  mapping: jsonb("mapping").notNull(),
  /** The lowest severity that raises an alert. */
  alertFrom: text("alert_from").notNull(),
  /** Whether what no rule maps opens a finding among the unknown identities. */
  findUnknown: boolean("find_unknown").notNull(),
  ratePerMinute: integer("rate_per_minute").notNull(),
  /** Null where nobody minds that it is silent. */
  silentAfterSeconds: integer("silent_after_seconds"),
  createdAt: instant("created_at").notNull(),
  createdBy: text("created_by").notNull(),
  /** Since when its silence counts: it was made, switched on, or last heard. */
  heardAt: instant("heard_at").notNull(),
  /** When something of it was last accepted; null before the first. */
  receivedAt: instant("received_at"),
  /** How much later than it happened the last signal came, ms; negative where the source's clock is ahead. */
  lagMs: bigint("lag_ms", { mode: "number" }),
  /** Set when its silence was told, until it is heard again. */
  silentSince: instant("silent_since"),
  version: integer("version").notNull().default(1),
});

/** Secrets of a source, two at most at a time: the older one ends by itself. */
export const signalSecrets = pgTable(
  "signal_secrets",
  {
    id: uuid("id").primaryKey(),
    sourceId: uuid("source_id")
      .notNull()
      .references(() => signalSources.id),
    /** SHA-256 of a bearer secret, which is only ever compared. */
    hash: bytea("hash"),
    /** A signing secret, sealed for the console. */
    sealed: bytea("sealed"),
    createdAt: instant("created_at").notNull(),
    createdBy: text("created_by").notNull(),
    /** Null for the newest. */
    endsAt: instant("ends_at"),
  },
  (t) => [index("signal_secrets_of_source").on(t.sourceId, t.createdAt)],
);

/** What was received, once for each event of a source, with what was made of it. Written once. */
export const signals = pgTable(
  "signals",
  {
    id: uuid("id").primaryKey(),
    sourceId: uuid("source_id")
      .notNull()
      .references(() => signalSources.id),
    /** The source's own id, or a digest of what makes the event this event. */
    eventId: text("event_id").notNull(),
    /** SHA-256 of the event's payload. */
    digest: text("digest").notNull(),
    /** `mapped`, `unmapped`, or `held` where it could not be read. */
    outcome: text("outcome").notNull(),
    /** Why it has no agent or could not be read, in words. */
    reason: text("reason"),
    receivedAt: instant("received_at").notNull(),
    occurredAt: instant("occurred_at"),
    lagMs: bigint("lag_ms", { mode: "number" }),
    rule: text("rule"),
    /** The source's own word. */
    priority: text("priority"),
    severity: text("severity"),
    title: text("title"),
    tags: text("tags").array().notNull(),
    agentId: uuid("agent_id").references(() => agents.id),
    /** Which mapping rule matched, by which field and value. */
    matched: jsonb("matched"),
    alertId: uuid("alert_id").references(() => alerts.id),
    stream: text("stream"),
    sequence: bigint("sequence", { mode: "number" }),
    /** Sent from the settings to try the mapping: it raised nothing. */
    test: boolean("test").notNull().default(false),
    payload: bytea("payload").notNull(),
  },
  (t) => [
    uniqueIndex("signals_once").on(t.sourceId, t.eventId),
    index("signals_newest").on(t.receivedAt, t.id),
    index("signals_of_source").on(t.sourceId, t.receivedAt, t.id),
    index("signals_of_agent").on(t.agentId, t.receivedAt, t.id),
  ],
);

/** How far each numbered or counting stream of a source has come, and what of it is missing. */
export const signalStreams = pgTable(
  "signal_streams",
  {
    sourceId: uuid("source_id")
      .notNull()
      .references(() => signalSources.id),
    stream: text("stream").notNull(),
    state: jsonb("state").notNull(),
    seenAt: instant("seen_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.stream] })],
);

/** What became of a source's requests, by hour: bounded, whatever is sent. */
export const signalCounts = pgTable(
  "signal_counts",
  {
    sourceId: uuid("source_id")
      .notNull()
      .references(() => signalSources.id),
    hour: instant("hour").notNull(),
    /** An outcome, `repeated`, `heartbeat`, or `refused:` and why. */
    what: text("what").notNull(),
    count: bigint("count", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.hour, t.what] })],
);

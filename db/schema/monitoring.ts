import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, xid8 } from "./columns.ts";
import { agents } from "./identity.ts";

/**
 * What a gateway counted for one agent and ten-second slice, committed with the records it counts. A queue on the
 * path of every admission: no foreign key, whose check would lock the agent's row for each delta. An agent is never
 * deleted.
 */
export const windowDeltas = pgTable(
  "window_deltas",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    xid: xid8("xid").notNull().default(sql`pg_current_xact_id()`),
    agentId: uuid("agent_id").notNull(),
    sliceAt: instant("slice_at").notNull(),
    delta: jsonb("delta").notNull(),
  },
  (t) => [index("window_deltas_in_order").on(t.xid, t.id)],
);

/** How far the fold has come: deltas at or before this (xid, id) are in the slices. */
export const windowCursor = pgTable("window_cursor", {
  name: text("name").primaryKey(),
  xid: xid8("xid").notNull(),
  id: bigint("id", { mode: "number" }).notNull(),
});

/** Ten seconds of one agent, folded. A slice that changed since it was last scored has a greater `revision`. */
export const windowSlices = pgTable(
  "window_slices",
  {
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    sliceAt: instant("slice_at").notNull(),
    state: jsonb("state").notNull(),
    revision: integer("revision").notNull().default(1),
    scoredRevision: integer("scored_revision").notNull().default(0),
    /** The revision that the rules over a span have last seen. */
    ruledRevision: integer("ruled_revision").notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.agentId, t.sliceAt] }),
    index("window_slices_fresh").on(t.agentId, t.sliceAt).where(sql`revision > scored_revision`),
    index("window_slices_unruled").on(t.sliceAt).where(sql`revision > ruled_revision and state ? 'rules'`),
  ],
);

/** Features of closed one-minute windows: what baselines are learnt from and charts are drawn from. */
export const featureWindows = pgTable(
  "feature_windows",
  {
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    /** End of the window. */
    at: instant("at").notNull(),
    features: jsonb("features").notNull(),
    /** Null while the agent has no baseline. */
    score: doublePrecision("score"),
    contributions: jsonb("contributions"),
    baselineId: uuid("baseline_id"),
    /** Id and version of the model that scored it; null for imported history. */
    scorer: text("scorer"),
    /** `live`, or `import` for history that an operator brought in. */
    source: text("source").notNull().default("live"),
    /** Kept out of learning: scored high, or during an incident, or excluded by an operator. */
    excluded: boolean("excluded").notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.agentId, t.at] }),
    index("feature_windows_high").on(t.at).where(sql`score > 0.5`),
  ],
);

export const baselines = pgTable(
  "baselines",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    version: integer("version").notNull(),
    model: jsonb("model").notNull(),
    windows: integer("windows").notNull(),
    learntFrom: instant("learnt_from").notNull(),
    learntTo: instant("learnt_to").notNull(),
    createdAt: instant("created_at").notNull(),
    createdBy: text("created_by").notNull(),
    /** `learnt` by the duty; `relearnt` or `rollback` as two people decided. */
    origin: text("origin").notNull().default("learnt"),
    proposalId: uuid("proposal_id"),
    /** The version whose model it has, where it goes back to one. */
    restoredFrom: uuid("restored_from"),
    /** Since when no duty replaces it, and until when that was so. */
    pinnedAt: instant("pinned_at"),
    unpinnedAt: instant("unpinned_at"),
    retiredAt: instant("retired_at"),
    retireReason: text("retire_reason"),
  },
  (t) => [
    uniqueIndex("baselines_version").on(t.agentId, t.version),
    uniqueIndex("baselines_one_active").on(t.agentId).where(sql`retired_at is null`),
  ],
);

/** Where an agent stands now: its latest score and what the response to it is. */
export const responseStates = pgTable("response_states", {
  agentId: uuid("agent_id")
    .primaryKey()
    .references(() => agents.id),
  /** `none`, `record`, `limit` or `contain`. */
  level: text("level").notNull().default("none"),
  score: doublePrecision("score"),
  contributions: jsonb("contributions"),
  scoredAt: instant("scored_at"),
  /** Id and version of the model that the score is of, and the baseline it was measured against. */
  scorer: text("scorer"),
  baselineId: uuid("baseline_id"),
  since: instant("since").notNull(),
  /** Since when the score has been under the level's lower edge: hysteresis. */
  calmSince: instant("calm_since"),
});

export const alerts = pgTable(
  "alerts",
  {
    id: uuid("id").primaryKey(),
    number: serial("number").notNull(),
    agentId: uuid("agent_id").references(() => agents.id),
    /** `behaviour`, `rule`, `authorization`, `isolation`, `identity` or `audit`. */
    kind: text("kind").notNull(),
    /** Alerts of one agent, rule and cause that are not closed are one alert with a count. */
    rule: text("rule").notNull(),
    /** What it was about, as `family/detail`; empty where the rule says it all. */
    cause: text("cause").notNull().default(""),
    /** Alerts of one agent and this are one group of the queue. */
    groupKey: text("group_key")
      .notNull()
      .generatedAlwaysAs(sql`coalesce(nullif(split_part(cause, '/', 1), ''), rule)`),
    severity: text("severity").notNull(),
    title: text("title").notNull(),
    detail: jsonb("detail").notNull(),
    score: doublePrecision("score"),
    count: integer("count").notNull().default(1),
    /** `open`, `acknowledged` or `closed`. */
    status: text("status").notNull().default("open"),
    ownerId: text("owner_id"),
    incidentId: uuid("incident_id"),
    openedAt: instant("opened_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    acknowledgedAt: instant("acknowledged_at"),
    closedAt: instant("closed_at"),
    disposition: text("disposition"),
    closeReason: text("close_reason"),
    /** Until when a verdict counts for those that come after; null: for good. */
    verdictUntil: instant("verdict_until"),
    /** The alert that this one is part of; it is closed meanwhile. */
    mergedInto: uuid("merged_into"),
    /** When a person or the incident it led to changed it last. */
    changedAt: instant("changed_at"),
    version: integer("version").notNull().default(1),
  },
  (t) => [
    index("alerts_by_status").on(t.status, t.openedAt),
    index("alerts_by_agent").on(t.agentId, t.openedAt),
    index("alerts_in_order").on(t.openedAt, t.id),
    index("alerts_by_group").on(t.agentId, t.groupKey),
    index("alerts_merged").on(t.mergedInto).where(sql`merged_into is not null`),
    uniqueIndex("alerts_one_open").on(t.agentId, t.rule, t.cause).where(sql`status <> 'closed'`),
    uniqueIndex("alerts_by_number").on(t.number),
  ],
);

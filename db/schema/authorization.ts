import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { agents } from "./identity.ts";

/** The scope policy, one row a version, never changed once written. */
export const scopePolicies = pgTable("scope_policies", {
  version: integer("version").primaryKey(),
  document: jsonb("document").notNull(),
  createdBy: text("created_by").notNull(),
  approvedBy: text("approved_by"),
  createdAt: instant("created_at").notNull(),
});

/** What an agent may have: standing base grants, and elevated ones that an approval gave for a time. */
export const grants = pgTable(
  "grants",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    scope: text("scope").notNull(),
    approvalId: uuid("approval_id"),
    policyVersion: integer("policy_version").notNull(),
    grantedBy: text("granted_by").notNull(),
    grantedAt: instant("granted_at").notNull(),
    /** Null for a standing base grant. */
    expiresAt: instant("expires_at"),
    activatedAt: instant("activated_at"),
    revokedAt: instant("revoked_at"),
    revokeReason: text("revoke_reason"),
  },
  (t) => [
    index("grants_by_agent").on(t.agentId, t.scope),
    uniqueIndex("grants_one_per_approval").on(t.approvalId),
  ],
);

export const approvals = pgTable(
  "approvals",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    scope: text("scope").notNull(),
    resource: text("resource"),
    durationSeconds: integer("duration_seconds").notNull(),
    reason: text("reason").notNull(),
    /** Operator id, or the agent's DID where the agent asked for itself. */
    requestedBy: text("requested_by").notNull(),
    requestedByType: text("requested_by_type").notNull(),
    policyVersion: integer("policy_version").notNull(),
    /** SHA-256 over the canonical request: agent, scope, resource, duration, policy version. Votes count for it alone. */
    digest: text("digest").notNull(),
    votesNeeded: integer("votes_needed").notNull().default(1),
    /** `pending`, `approved`, `denied` or `expired`. */
    status: text("status").notNull().default("pending"),
    requestedAt: instant("requested_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    decidedAt: instant("decided_at"),
    decisionReason: text("decision_reason"),
    grantId: uuid("grant_id"),
  },
  (t) => [
    index("approvals_open").on(t.status, t.expiresAt),
    uniqueIndex("approvals_one_pending")
      .on(t.agentId, t.scope, sql`coalesce(resource, '')`)
      .where(sql`status = 'pending'`),
  ],
);

export const approvalVotes = pgTable(
  "approval_votes",
  {
    approvalId: uuid("approval_id")
      .notNull()
      .references(() => approvals.id),
    userId: text("user_id").notNull(),
    digest: text("digest").notNull(),
    /** `approve` or `deny`. */
    vote: text("vote").notNull(),
    reason: text("reason").notNull(),
    /** What this approver agrees to: at most what was asked. The grant gets the shortest of the votes. */
    durationSeconds: integer("duration_seconds").notNull(),
    stepUp: text("step_up").notNull(),
    votedAt: instant("voted_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.approvalId, t.userId] })],
);

/** Every access token issued, written with the decision; a gateway refuses a token whose row is revoked. */
export const accessTokens = pgTable(
  "access_tokens",
  {
    jti: text("jti").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    scopes: text("scopes").array().notNull(),
    grantIds: uuid("grant_ids").array().notNull(),
    /** Grants of those above the agent that cover it: with any of them ends the token. */
    restsOn: uuid("rests_on").array().notNull().default([]),
    policyVersion: integer("policy_version").notNull(),
    thumbprint: text("thumbprint").notNull(),
    issuedAt: instant("issued_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    revokeReason: text("revoke_reason"),
  },
  (t) => [
    index("access_tokens_by_agent").on(t.agentId, t.expiresAt),
    index("access_tokens_revoked").on(t.expiresAt).where(sql`revoked_at is not null`),
    index("access_tokens_resting").using("gin", t.restsOn).where(sql`rests_on <> '{}'`),
  ],
);

/** Single-use JWT ids of client assertions and the like, until they expire. */
export const usedAssertions = pgTable("used_assertions", {
  id: text("id").primaryKey(),
  expiresAt: instant("expires_at").notNull(),
});

/** The authorization server's own artefacts (JSON), keyed as its adapter asks. */
export const oauthArtefacts = pgTable(
  "oauth_artefacts",
  {
    model: text("model").notNull(),
    id: text("id").notNull(),
    payload: jsonb("payload").notNull(),
    expiresAt: instant("expires_at"),
    consumedAt: instant("consumed_at"),
  },
  (t) => [primaryKey({ columns: [t.model, t.id] })],
);

/** Trust in [0,1] per agent, with the contributions that made it; the newest row counts. */
export const trustScores = pgTable(
  "trust_scores",
  {
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    at: instant("at").notNull(),
    score: text("score").notNull(),
    contributions: jsonb("contributions").notNull(),
  },
  (t) => [primaryKey({ columns: [t.agentId, t.at] })],
);

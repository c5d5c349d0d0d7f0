import { sql } from "drizzle-orm";
import {
  check,
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

/** The scope policy, one row a version, never changed once written. */
export const scopePolicies = pgTable("scope_policies", {
  version: integer("version").primaryKey(),
  document: jsonb("document").notNull(),
  createdBy: text("created_by").notNull(),
  approvedBy: text("approved_by"),
  reason: text("reason"),
  createdAt: instant("created_at").notNull(),
});

/** A new version of the policy that somebody proposes and somebody else decides. The document is the whole policy. */
export const policyProposals = pgTable(
  "policy_proposals",
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
    index("policy_proposals_by_status").on(t.status, t.proposedAt),
    check(
      "policy_proposals_second_person",
      sql`status <> 'approved' or (decided_by is not null and decided_by <> proposed_by)`,
    ),
  ],
);

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
    /** Where somebody broke glass for it instead. */
    breakGlassId: uuid("break_glass_id"),
    /** What it allows beyond its scope's name; null where nothing narrows it. */
    limits: jsonb("limits"),
    policyVersion: integer("policy_version").notNull(),
    grantedBy: text("granted_by").notNull(),
    grantedAt: instant("granted_at").notNull(),
    /** Null for a standing base grant. */
    expiresAt: instant("expires_at"),
    activatedAt: instant("activated_at"),
    /** When an action was last admitted under it, to the minute; null while none was. */
    lastUsedAt: instant("last_used_at"),
    revokedAt: instant("revoked_at"),
    revokeReason: text("revoke_reason"),
  },
  (t) => [
    index("grants_by_agent").on(t.agentId, t.scope),
    uniqueIndex("grants_one_per_approval").on(t.approvalId),
    uniqueIndex("grants_one_per_break_glass").on(t.breakGlassId),
    index("grants_live").on(t.grantedAt, t.id).where(sql`revoked_at is null`),
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
    limits: jsonb("limits"),
    durationSeconds: integer("duration_seconds").notNull(),
    reason: text("reason").notNull(),
    /** Operator id, or the agent's DID where the agent asked for itself. */
    requestedBy: text("requested_by").notNull(),
    requestedByType: text("requested_by_type").notNull(),
    policyVersion: integer("policy_version").notNull(),
    /** SHA-256 over the canonical request: agent, scope, resource, duration, policy version, limits. Votes count for it alone. */
    digest: text("digest").notNull(),
    votesNeeded: integer("votes_needed").notNull().default(1),
    /** `pending`, `approved`, `denied`, `expired` or `withdrawn`. */
    status: text("status").notNull().default("pending"),
    requestedAt: instant("requested_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    decidedAt: instant("decided_at"),
    decisionReason: text("decision_reason"),
    grantId: uuid("grant_id"),
  },
  (t) => [
    index("approvals_open").on(t.status, t.expiresAt),
    index("approvals_of_agent").on(t.agentId, t.scope, t.requestedAt),
    index("approvals_decided").on(t.decidedAt).where(sql`decided_at is not null`),
    index("approvals_asked").on(t.requestedAt),
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
    /** The limits this approver agrees to: at most as wide as asked for. */
    limits: jsonb("limits"),
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
    /** JWK thumbprint of the key that each request must prove as well (RFC 9449), where the token is bound to one. */
    jkt: text("jkt"),
    /** What the token carries of its grants' limits (RFC 9396). */
    authorizationDetails: jsonb("authorization_details"),
    issuedAt: instant("issued_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    revokeReason: text("revoke_reason"),
  },
  (t) => [
    index("access_tokens_by_agent").on(t.agentId, t.expiresAt),
    index("access_tokens_by_end").on(t.expiresAt),
    index("access_tokens_revoked").on(t.expiresAt).where(sql`revoked_at is not null`),
    index("access_tokens_resting").using("gin", t.restsOn).where(sql`rests_on <> '{}'`),
  ],
);

/**
 * The keys that sign access tokens, one after the other, kept for good: old evidence is verified with old keys. Where
 * each stands follows from these instants alone; `activated_at` and `retired_at` say when a gateway wrote it down.
 */
export const tokenKeys = pgTable("token_keys", {
  generation: integer("generation").primaryKey(),
  /** RFC 7638 thumbprint: the `kid` of its tokens. */
  keyId: text("key_id").notNull().unique(),
  publicJwk: jsonb("public_jwk").notNull(),
  publishedAt: instant("published_at").notNull(),
  signsFrom: instant("signs_from").notNull(),
  activatedAt: instant("activated_at"),
  retiredAt: instant("retired_at"),
  /** From here on nothing that it signed counts. */
  taintedAt: instant("tainted_at"),
  taintedBy: text("tainted_by"),
  reason: text("reason"),
});

/** Single-use JWT ids of client assertions and the like, until they expire. */
export const usedAssertions = pgTable(
  "used_assertions",
  {
    id: text("id").primaryKey(),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [index("used_assertions_by_end").on(t.expiresAt)],
);

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

/** Each time somebody named in the policy gave an agent a scope alone, because it could not wait. */
export const breakGlassUses = pgTable(
  "break_glass_uses",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    scope: text("scope").notNull(),
    userId: text("user_id").notNull(),
    reason: text("reason").notNull(),
    stepUp: text("step_up").notNull(),
    policyVersion: integer("policy_version").notNull(),
    usedAt: instant("used_at").notNull(),
    endsAt: instant("ends_at").notNull(),
    /** By when somebody else must have reviewed it. */
    reviewDueAt: instant("review_due_at").notNull(),
    /** When it was told that the review is late; null while it was not. */
    overdueNotedAt: instant("overdue_noted_at"),
    reviewedBy: text("reviewed_by"),
    reviewedAt: instant("reviewed_at"),
    /** `justified` or `not-justified`. */
    verdict: text("verdict"),
    reviewReason: text("review_reason"),
  },
  (t) => [
    index("break_glass_unreviewed").on(t.reviewDueAt).where(sql`reviewed_at is null`),
    index("break_glass_by_agent").on(t.agentId, t.usedAt),
    check("break_glass_second_person", sql`reviewed_by is null or reviewed_by <> user_id`),
  ],
);

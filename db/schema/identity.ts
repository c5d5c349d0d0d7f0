import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  boolean,
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
import { bytea, instant } from "./columns.ts";

/** Every agent that was ever registered; names are never reused, so rows are never deleted. */
export const agents = pgTable(
  "agents",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull().unique(),
    did: text("did").notNull().unique(),
    /** `agent`, `resource-server` or `signal-source`. */
    kind: text("kind").notNull().default("agent"),
    title: text("title").notNull().default(""),
    ownerId: text("owner_id"),
    status: text("status").notNull().default("registered"),
    banned: boolean("banned").notNull().default(false),
    zone: text("zone").notNull().default("a"),
    criticality: text("criticality").notNull().default("standard"),
    model: text("model"),
    version: text("version"),
    /** Whose child it is, for good: a trigger keeps it as it was registered, so that no line ever closes to a ring. */
    parentId: uuid("parent_id").references((): AnyPgColumn => agents.id),
    demo: boolean("demo").notNull().default(false),
    createdAt: instant("created_at").notNull(),
    enrolledAt: instant("enrolled_at"),
    lastSeenAt: instant("last_seen_at"),
  },
  (t) => [
    index("agents_by_parent").on(t.parentId).where(sql`parent_id is not null`),
    check("agents_not_own_parent", sql`parent_id <> id`),
  ],
);

export const joinTokens = pgTable("join_tokens", {
  id: uuid("id").primaryKey(),
  agentId: uuid("agent_id")
    .notNull()
    .references(() => agents.id),
  /** SHA-256 of the token; the token itself is shown once and kept nowhere. */
  tokenHash: bytea("token_hash").notNull().unique(),
  createdBy: text("created_by").notNull(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  usedAt: instant("used_at"),
});

/**
 * Certificate authorities: the root, the issuing authorities of each purpose, of which one signs, and the doors' own
 * certificate.
 */
export const authorities = pgTable(
  "authorities",
  {
    id: uuid("id").primaryKey(),
    /** `root`, `transport`, `signature`, `oauth`, `callback`, `encryption`, `server`, or `door` (the doors' own certificate). */
    purpose: text("purpose").notNull(),
    certificatePem: text("certificate_pem").notNull(),
    keyName: text("key_name").notNull(),
    /** `prepared`, `active`, `superseded`, `tainted` or `revoked`. */
    status: text("status").notNull().default("active"),
    notBefore: instant("not_before").notNull(),
    notAfter: instant("not_after").notNull(),
    createdAt: instant("created_at").notNull(),
    activatedAt: instant("activated_at"),
    supersededAt: instant("superseded_at"),
    taintedAt: instant("tainted_at"),
    revokedAt: instant("revoked_at"),
    /** Why it was tainted or revoked, in a person's words. */
    reason: text("reason"),
    /** The newest revocation list this authority signed (DER): the worker signs, the gateway serves. */
    crl: bytea("crl"),
    crlNumber: bigint("crl_number", { mode: "number" }).notNull().default(0),
    crlAt: instant("crl_at"),
    crlNextUpdate: instant("crl_next_update"),
  },
  (t) => [
    uniqueIndex("authorities_one_signs")
      .on(t.purpose)
      .where(
        sql`status = 'active' and purpose in ('transport', 'signature', 'oauth', 'callback', 'encryption', 'server')`,
      ),
  ],
);

/** Issuing authorities that people asked for: whoever holds the root answers. */
export const authorityRequests = pgTable(
  "authority_requests",
  {
    id: uuid("id").primaryKey(),
    purpose: text("purpose").notNull(),
    reason: text("reason").notNull(),
    requestedBy: text("requested_by").notNull(),
    requestedAt: instant("requested_at").notNull(),
    answeredAt: instant("answered_at"),
    authorityId: uuid("authority_id").references(() => authorities.id),
  },
  (t) => [uniqueIndex("authority_requests_one_open").on(t.purpose).where(sql`answered_at is null`)],
);

/** The agents' certificates, one row each, kept for good: old records are verified with old keys. */
export const credentials = pgTable(
  "credentials",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    /** `transport`, `signature`, `oauth`, `callback` or `encryption`. */
    purpose: text("purpose").notNull(),
    authorityId: uuid("authority_id")
      .notNull()
      .references(() => authorities.id),
    serial: text("serial").notNull().unique(),
    /** base64url SHA-256 of the certificate's DER: `x5t#S256`. */
    thumbprint: text("thumbprint").notNull().unique(),
    /** RFC 7638 thumbprint of the public key: unique, so that no key serves two purposes. */
    keyId: text("key_id").notNull(),
    publicJwk: jsonb("public_jwk").notNull(),
    certificatePem: text("certificate_pem").notNull(),
    status: text("status").notNull().default("active"),
    notBefore: instant("not_before").notNull(),
    notAfter: instant("not_after").notNull(),
    issuedAt: instant("issued_at").notNull(),
    revokedAt: instant("revoked_at"),
    revokeReason: text("revoke_reason"),
  },
  (t) => [
    index("credentials_by_agent").on(t.agentId, t.purpose),
    index("credentials_by_authority").on(t.authorityId, t.notAfter).where(sql`status = 'active'`),
    uniqueIndex("credentials_key_once").on(t.keyId),
  ],
);

/**
 * The newest credential of each agent and purpose and how its renewals went, so that what ends next is read from
 * an index. Triggers on `credentials`, `certificate_requests` and `agents` keep it: no writer can forget it.
 */
export const renewals = pgTable(
  "renewals",
  {
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    purpose: text("purpose").notNull(),
    credentialId: uuid("credential_id")
      .notNull()
      .references(() => credentials.id),
    /** When the credential stops counting: its own end, or its revocation before that. */
    endsAt: instant("ends_at").notNull(),
    /** When its agent should renew it, and when it is late. */
    dueAt: instant("due_at").notNull(),
    overdueAt: instant("overdue_at").notNull(),
    /** The last renewal that succeeded. */
    issuedAt: instant("issued_at").notNull(),
    issuedCount: integer("issued_count").notNull(),
    lastFailedAt: instant("last_failed_at"),
    lastFailedCode: text("last_failed_code"),
    lastFailedDetail: text("last_failed_detail"),
    /** Not once the agent is retired or banned: nobody waits for its renewal. */
    watched: boolean("watched").notNull().default(true),
  },
  (t) => [
    primaryKey({ columns: [t.agentId, t.purpose] }),
    index("renewals_by_end").on(t.endsAt, t.agentId, t.purpose).where(sql`watched`),
    index("renewals_by_purpose").on(t.purpose, t.endsAt, t.agentId).where(sql`watched`),
    index("renewals_failed")
      .on(t.endsAt, t.agentId, t.purpose)
      .where(sql`watched and last_failed_at > issued_at`),
    index("renewals_due").on(t.dueAt).where(sql`watched`),
    index("renewals_overdue").on(t.overdueAt).where(sql`watched`),
  ],
);

/** Certificate requests on their way from a gateway, which holds no authority's key, to the worker. */
export const certificateRequests = pgTable(
  "certificate_requests",
  {
    id: uuid("id").primaryKey(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    purpose: text("purpose").notNull(),
    csrPem: text("csr_pem").notNull(),
    requestedAt: instant("requested_at").notNull(),
    answeredAt: instant("answered_at"),
    credentialId: uuid("credential_id"),
    errorCode: text("error_code"),
    errorDetail: text("error_detail"),
  },
  (t) => [
    index("certificate_requests_open").on(t.answeredAt, t.requestedAt),
    index("certificate_requests_of_agent").on(t.agentId, t.purpose, t.requestedAt),
  ],
);

/** Vigil's own private keys, sealed (AES-256-GCM) under the key of the one role that may open them. */
export const sealedKeys = pgTable("sealed_keys", {
  name: text("name").primaryKey(),
  /** `gateway`, `worker`, `console` or `root`. */
  role: text("role").notNull(),
  algorithm: text("algorithm").notNull(),
  /** JWK for key pairs; null for symmetric secrets. */
  publicJwk: jsonb("public_jwk"),
  keyId: text("key_id").notNull(),
  sealed: bytea("sealed").notNull(),
  status: text("status").notNull().default("active"),
  createdAt: instant("created_at").notNull(),
  retiredAt: instant("retired_at"),
});

/**
 * What TLS was negotiated with, by agent, certificate and outcome. The certificates of an outcome that are not among
 * its newest are folded into one row whose `thumbprint` is `earlier`, so that daily certificates do not pile up.
 */
export const observedConnections = pgTable(
  "observed_connections",
  {
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    thumbprint: text("thumbprint").notNull(),
    /** `direct` to the gateway, or `hop` where a trusted hop ended TLS and told of it. */
    path: text("path").notNull(),
    version: text("version").notNull(),
    cipher: text("cipher").notNull(),
    /** Empty where it is not told: a gateway cannot read it of its own connections. */
    keyExchange: text("key_exchange").notNull(),
    count: bigint("count", { mode: "number" }).notNull(),
    resumed: bigint("resumed", { mode: "number" }).notNull(),
    firstSeenAt: instant("first_seen_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
  },
  (t) => [
    primaryKey({
      name: "observed_connections_once",
      columns: [t.agentId, t.path, t.version, t.cipher, t.keyExchange, t.thumbprint],
    }),
  ],
);

/** Identities that showed themselves at the doors and are no agent's: one row each, until a person has decided. */
export const shadowAgents = pgTable(
  "shadow_agents",
  {
    id: uuid("id").primaryKey(),
    /** What it said it is; the sighted party's word, made safe to show. `*` where many were counted together. */
    claimed: text("claimed").notNull(),
    /** Who it says vouches for it: a certificate's issuer, a token's `iss`; empty where nobody is named. */
    issuer: text("issuer").notNull(),
    /** How it showed itself, in the order it was first seen so. */
    ways: text("ways").array().notNull(),
    /** A certificate's thumbprint or a key's id, of the newest sighting. */
    evidence: text("evidence").notNull(),
    /** Network of the newest sighting, as denials count it. */
    network: text("network").notNull(),
    count: bigint("count", { mode: "number" }).notNull(),
    firstSeenAt: instant("first_seen_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    /** `open`, `registered` or `dismissed`. */
    state: text("state").notNull().default("open"),
    agentId: uuid("agent_id").references(() => agents.id),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    reason: text("reason"),
    version: integer("version").notNull().default(1),
  },
  (t) => [
    uniqueIndex("shadow_agents_identity").on(t.claimed, t.issuer),
    index("shadow_agents_by_state").on(t.state, t.lastSeenAt, t.id),
  ],
);

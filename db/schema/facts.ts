import { bigint, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { agents } from "./identity.ts";

/** What was claimed of an agent, one row a statement, never changed: the newest of an agent and claim counts. */
export const agentClaims = pgTable(
  "agent_claims",
  {
    id: uuid("id").primaryKey(),
    ord: bigint("ord", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    claim: text("claim").notNull(),
    value: jsonb("value").notNull(),
    /** SHA-256 over the canonical {agent, claim, value}. */
    digest: text("digest").notNull(),
    /** Operator id, or the name of Vigil's duty. */
    statedBy: text("stated_by").notNull(),
    /** `operator` or `system`. */
    statedByType: text("stated_by_type").notNull(),
    statedAt: instant("stated_at").notNull(),
  },
  (t) => [index("agent_claims_newest").on(t.agentId, t.claim, t.ord)],
);

/** Attestations of claims by people, each a signed statement, kept for good. */
export const attestations = pgTable(
  "attestations",
  {
    id: uuid("id").primaryKey(),
    ord: bigint("ord", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    agentId: uuid("agent_id")
      .notNull()
      .references(() => agents.id),
    claim: text("claim").notNull(),
    /** Of the claim and value that were attested. */
    digest: text("digest").notNull(),
    /** `business-owner`, `compliance` or `security-review`. */
    authority: text("authority").notNull(),
    attestedBy: text("attested_by").notNull(),
    stepUp: text("step_up").notNull(),
    attestedAt: instant("attested_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    /** Compact JWS by the authority's key: what counts, where the row says something else. */
    jws: text("jws").notNull(),
  },
  (t) => [index("attestations_by_claim").on(t.agentId, t.claim, t.authority, t.ord)],
);

/** An attestation is withdrawn once, and that is final. */
export const attestationWithdrawals = pgTable("attestation_withdrawals", {
  attestationId: uuid("attestation_id")
    .primaryKey()
    .references(() => attestations.id),
  withdrawnBy: text("withdrawn_by").notNull(),
  reason: text("reason").notNull(),
  stepUp: text("step_up").notNull(),
  withdrawnAt: instant("withdrawn_at").notNull(),
});

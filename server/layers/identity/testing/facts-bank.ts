import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { auditRecords, users } from "../../../../db/schema/index.ts";
import type { TestDatabase } from "../../../../db/testing/test-database.ts";
import type { Role } from "../../../access/permissions.ts";
import { registerAgentWithScopes } from "../../../flows/register-agent.ts";
import type { Actor } from "../../../kernel/actor.ts";
import { present } from "../../../kernel/ensure.ts";
import { attestClaim } from "../attest-claim.ts";
import type { FactsContext } from "../attester.ts";
import { authoritiesFor } from "../engine/facts-policy.ts";
import {
  type AuthorityView,
  CLAIMS,
  type Claim,
  type ClaimValue,
  type ClaimView,
  type FactsView,
  type PersonAuthority,
  type RegisteredFacts,
} from "../facts-schema.ts";
import { readFacts } from "../read-facts.ts";
import { stateClaim } from "../state-claim.ts";
import type { IdentityWorld } from "./identity-world.ts";

export type Operator = Extract<Actor, { type: "operator" }>;

export const FACTS: RegisteredFacts = {
  baseline_model: { foundation_model: "orchid-9b", model_version: "2026-08" },
  classification: {
    ...{ agent_type: "autonomous", operational_level: "supervised", stakeholder_context: "enterprise" },
    ...{ deployment_scope: "internal", interaction_mode: "synchronous" },
  },
  capabilities: { domain_expertise: ["card fraud"] },
  data_access: { classification: "confidential", personal_data: true, data_sources: ["card_transactions"] },
  compliance_level: { compliance_level: "platinum" },
};

/** The people of one bank, one for each part in attesting, and what they do over a test's database. */
export async function createFactsBank(database: TestDatabase, world: Pick<IdentityWorld, "keys">) {
  const { db } = database;
  const addPerson = async (roles: Role[], email = `${randomUUID().slice(0, 8)}@bank.example`) => {
    const id = randomUUID();
    const at = { createdAt: new Date(), updatedAt: new Date() };
    await db.insert(users).values({ id, name: `Name of ${email}`, email, roles: roles.join(), ...at });
    return { type: "operator", id, email, roles, sessionId: randomUUID() } satisfies Operator;
  };
  const registrar = { name: "Registrar", roles: "admin", createdAt: new Date(), updatedAt: new Date() };
  await db.insert(users).values([
    { ...registrar, id: "test-admin", email: "admin@test.bank" },
    { ...registrar, id: "admin", email: "admin@bank" },
  ]);
  const people = {
    owner: await addPerson(["admin"]),
    compliance: await addPerson(["compliance"]),
    "security-review": await addPerson(["analyst"]),
    stater: await addPerson(["approver"]),
  };
  const as = (actor: Operator, now = new Date()): FactsContext => ({
    db,
    actor,
    now,
    keys: world.keys("console"),
  });
  const register = (name: string, facts: RegisteredFacts = FACTS) =>
    registerAgentWithScopes(
      { db, now: new Date(), actor: { type: "system", id: "test" } },
      { name, ownerId: people.owner.id, scopes: [], facts },
    );
  const speaker = (authority: PersonAuthority): Operator =>
    authority === "business-owner" ? people.owner : people[authority];
  const view = (name: string, now = new Date()): Promise<FactsView> =>
    readFacts(as(people.stater, now), { name });
  const claimOf = async (name: string, claim: Claim, now?: Date): Promise<ClaimView> =>
    present(
      (await view(name, now)).claims.find((one) => one.claim === claim),
      claim,
    );
  const standing = async (
    name: string,
    claim: Claim,
    authority: AuthorityView["authority"],
    now?: Date,
  ): Promise<AuthorityView> =>
    present(
      (await claimOf(name, claim, now)).authorities.find((one) => one.authority === authority),
      authority,
    );
  const attest = async (
    name: string,
    claim: Claim,
    authority: PersonAuthority,
    over: { by?: Operator; now?: Date; days?: number; digest?: string } = {},
  ) => {
    const digest = over.digest ?? (await claimOf(name, claim, over.now)).digest ?? "";
    const { days } = over;
    return attestClaim(
      as(over.by ?? speaker(authority), over.now),
      { name, claim, authority, digest, ...(days ? { days } : {}) },
      "totp",
    );
  };
  const attestAll = async (name: string) => {
    for (const claim of CLAIMS)
      for (const authority of authoritiesFor(claim))
        if (authority !== "issuing-ca") await attest(name, claim, authority);
  };
  /** States everything but the model, which the registration states. */
  const stateAll = async (name: string) => {
    for (const claim of CLAIMS) {
      const value =
        claim === "baseline_model" ? undefined : (FACTS as Partial<Record<Claim, ClaimValue>>)[claim];
      if (value) await stateClaim(as(people.stater), { name, claim, value, replaces: null });
    }
  };
  const registration = { ownerId: people.owner.id, model: "orchid-9b" };
  const records = (agentId: string, kind: string) =>
    db
      .select()
      .from(auditRecords)
      .where(and(eq(auditRecords.agentId, agentId), eq(auditRecords.kind, kind)));
  return {
    people,
    addPerson,
    as,
    register,
    registration,
    stateAll,
    view,
    claimOf,
    standing,
    attest,
    attestAll,
    records,
  };
}
export type FactsBank = Awaited<ReturnType<typeof createFactsBank>>;

/** Enrols an agent of the bank's owner and states everything about it. */
export async function enrolStated(bank: FactsBank, world: Pick<IdentityWorld, "enrol">, name: string) {
  const made = await world.enrol(name, bank.registration);
  await bank.stateAll(name);
  return made;
}

/** How attesting or withdrawing is refused for this check. */
export function refusedFor(check: string, status: number) {
  const code = check === "may-withdraw" ? "withdrawal_refused" : "attestation_refused";
  return { code, status, facts: { check } };
}

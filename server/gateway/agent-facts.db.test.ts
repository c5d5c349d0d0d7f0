import { createHash } from "node:crypto";
import https from "node:https";
import canonicalize from "canonicalize";
import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { banAgentAndBelow } from "../flows/ban-agent.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { roleKekFromEnv } from "../keys/role-kek.ts";

import { createFactsBank, type FactsBank } from "../layers/identity/testing/facts-bank.ts";
import { withdrawAttestation } from "../layers/identity/withdraw-attestation.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let bank: FactsBank;
let open: https.Agent;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  const keys = () => createKeyStore(system.db, "console", roleKekFromEnv(system.env, "console"));
  bank = await createFactsBank(database, { keys });
  agent = await makeAgent(system, "facts-agent", ["transactions:read"], bank.registration);
  open = new https.Agent({ ca: agent.rootPem, keepAlive: true });
  await bank.stateAll("facts-agent");
});
afterAll(async () => {
  open?.destroy();
  await agent?.close();
  await system?.close();
  await database?.close();
});

/** What AgentFacts 1.0 requires (agentfacts-v1.json), and what Vigil adds for verifiers. */
const standard = z.looseObject({
  core_identity: z.looseObject({
    agent_id: z.string(),
    name: z.string(),
    version: z.string(),
    created: z.iso.datetime(),
    last_updated: z.iso.datetime(),
    ttl: z.number().int(),
  }),
  baseline_model: z.looseObject({ foundation_model: z.string().optional() }),
  compliance_regulatory: z.looseObject({ compliance_level: z.string() }),
  verification: z.looseObject({
    signatures: z.array(
      z.looseObject({
        authority: z.string(),
        claim: z.string(),
        digest: z.string(),
        verified_sections: z.array(z.string()),
        verified_fields: z.array(z.string()),
        signature: z.string(),
      }),
    ),
    verification_authorities: z.array(z.looseObject({ name: z.string(), jwks_uri: z.url() })),
    "x-document": z.string(),
  }),
});
type Document = z.infer<typeof standard>;

const get = (path: string) => send(open, system.env.enrolUrl + path, { method: "GET" });
const document = async (): Promise<Document> => {
  const { status, body } = await get("/agents/facts-agent/facts.json");
  expect(status).toBe(200);
  return standard.parse(body);
};
const digestOf = (value: unknown) =>
  `sha256:${createHash("sha256")
    .update(canonicalize(value) ?? "")
    .digest("hex")}`;

/** A third party: it knows the standard, JOSE and the key set, and nothing of Vigil. */
async function verify(facts: Document): Promise<JWTPayload[]> {
  const uri = new URL(facts.verification.verification_authorities[0]?.jwks_uri ?? "");
  const keySet = (await get(uri.pathname)).body as unknown as { keys: (JWK & { authority: string })[] };
  const keys = createLocalJWKSet(keySet);
  const { "x-document": own, ...verification } = facts.verification;
  const whole = await jwtVerify(own, keys, { typ: "vigil-facts" });
  if (whole.payload.digest !== digestOf({ ...facts, verification })) throw new Error("document changed");
  const verified = facts.verification.signatures.map(async (entry) => {
    const { payload, protectedHeader } = await jwtVerify(entry.signature, keys, { typ: "vigil-attestation" });
    const speaks = keySet.keys.find((key) => key.kid === protectedHeader.kid)?.authority;
    const section = facts[entry.verified_sections[0] ?? ""] as Record<string, unknown>;
    const value = Object.fromEntries(entry.verified_fields.map((field) => [field, section[field]]));
    const digest = digestOf({ agent: facts.core_identity.agent_id, claim: entry.claim, value });
    if (payload.digest !== digest) throw new Error(`claim changed: ${entry.claim}`);
    if (payload.sub !== facts.core_identity.agent_id || payload.authority !== speaks)
      throw new Error(`another agent's or authority's: ${entry.claim}`);
    return payload;
  });
  return Promise.all(verified);
}

describe("the public facts of an agent", () => {
  it("before anybody attested, are its identity alone, for which the issuing authority vouches", async () => {
    const facts = await document();
    expect(facts).toMatchObject({
      core_identity: { agent_id: agent.did, name: "facts-agent", ttl: 300 },
      ...{ baseline_model: {}, compliance_regulatory: { compliance_level: "none" } },
    });
    expect(JSON.stringify(facts)).not.toContain("orchid-9b");
    expect(JSON.stringify(facts)).not.toContain('"compliance_level":"platinum"');
    const payloads = await verify(facts);
    expect(payloads.map((one) => one.authority)).toEqual(["issuing-ca"]);
  });

  it("once attested, are verified by a third party with JOSE and the published keys alone", async () => {
    await bank.attestAll("facts-agent");
    const facts = await document();
    expect(facts).toMatchObject({
      baseline_model: { foundation_model: "orchid-9b" },
      compliance_regulatory: { compliance_level: "platinum" },
    });
    const payloads = await verify(facts);
    expect(new Set(payloads.map((one) => one.authority))).toEqual(
      new Set(["issuing-ca", "business-owner", "compliance", "security-review"]),
    );
    expect(payloads.length).toBe(facts.verification.signatures.length);
    for (const kept of ["card_transactions", "owner_id", bank.people.owner.email])
      expect(JSON.stringify(facts)).not.toContain(kept);
  });

  it.each<[string, (facts: Document) => void]>([
    ["a claim", (facts) => Object.assign(facts.baseline_model, { foundation_model: "other" })],
    ["a member more", (facts) => Object.assign(facts.baseline_model, { model_provider: "a name" })],
    ["the level", (facts) => Object.assign(facts.compliance_regulatory, { compliance_level: "gold" })],
    ["the agent", (facts) => Object.assign(facts.core_identity, { agent_id: "did:bank:agent:other" })],
    ["the time to live", (facts) => Object.assign(facts.core_identity, { ttl: 86_400 })],
    ["an attestation left out", (facts) => facts.verification.signatures.pop()],
  ])("changed on the way in %s, are found out", async (_what, change) => {
    const facts = await document();
    change(facts);
    await expect(verify(facts)).rejects.toThrow(/document changed/);
  });

  it("with the document's signature put aside, a changed claim still breaks its attestation", async () => {
    const facts = await document();
    const keys = createLocalJWKSet((await get("/.well-known/attestation-jwks.json")).body as never);
    const entry = facts.verification.signatures.find((one) => one.claim === "baseline_model");
    const { payload } = await jwtVerify(entry?.signature ?? "", keys);
    const value = { ...facts.baseline_model };
    const of = (said: object) => digestOf({ agent: agent.did, claim: "baseline_model", value: said });
    expect(payload.digest).toBe(of(value));
    expect(payload.digest).not.toBe(of({ ...value, foundation_model: "other" }));
    const [header, , signature] = (entry?.signature ?? "").split(".");
    const forged = Buffer.from(JSON.stringify({ ...payload, exp: 4_000_000_000 })).toString("base64url");
    await expect(jwtVerify(`${header}.${forged}.${signature}`, keys)).rejects.toThrow(/signature/);
  });

  it("lose a level and its attestations with the next request after a withdrawal", async () => {
    const { attestationId } = await bank.standing("facts-agent", "capabilities", "security-review");
    const by = bank.as(bank.people["security-review"]);
    await withdrawAttestation(by, { attestationId: attestationId ?? "", reason: "a new tool" }, "totp");
    const facts = await document();
    expect(facts.compliance_regulatory.compliance_level).toBe("silver");
    const claims = facts.verification.signatures.map((one) => `${one.claim}/${one.authority}`);
    expect(claims).not.toContain("capabilities/security-review");
    expect(claims.filter((one) => one.startsWith("compliance_level"))).toEqual([]);
    await verify(facts);
  });

  it("are given to a hundred at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => get("/agents/facts-agent/facts.json")),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await verify(standard.parse(answers.at(-1)?.body));
  });

  it("keep nothing of the issuing authority's word once the agent is banned", async () => {
    const actor = { ...bank.people.owner };
    await banAgentAndBelow(
      { db: system.db, actor, now: new Date() },
      { name: "facts-agent", reason: "test of bans" },
    );
    const facts = await document();
    expect(facts.compliance_regulatory.compliance_level).toBe("none");
    expect(facts.verification.signatures.map((one) => one.authority)).not.toContain("issuing-ca");
  });

  it("of no agent, and of a name that is none, are a plain 404", async () => {
    expect((await get("/agents/nobody/facts.json")).status).toBe(404);
    for (const name of ["..%2f..%2fetc", "%00", "A".repeat(300)])
      expect((await get(`/agents/${name}/facts.json`)).status).toBeGreaterThanOrEqual(400);
  });
});

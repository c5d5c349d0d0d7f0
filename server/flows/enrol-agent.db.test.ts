import { X509Certificate } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { agents, auditRecords, certificateRequests, credentials, joinTokens } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { AuditRecordBody } from "../layers/audit/schema.ts";
import { agentDidDocument } from "../layers/identity/agent-did-document.ts";
import { changeAgentStatus } from "../layers/identity/change-agent-status.ts";
import { consumeJoinToken } from "../layers/identity/consume-join-token.ts";
import { createJoinToken } from "../layers/identity/create-join-token.ts";
import { requestCertificate } from "../layers/identity/request-certificate.ts";
import { revokeCredential } from "../layers/identity/revoke-credential.ts";
import { PURPOSES } from "../layers/identity/schema.ts";
import { createIdentityWorld, type IdentityWorld } from "../layers/identity/testing/identity-world.ts";
import { makeCsr, makeCsrSet, makeKey } from "../layers/identity/testing/make-csr.ts";
import { enrolAgent } from "./enrol-agent.ts";
import { renewCredential } from "./renew-credential.ts";

let database: TestDatabase;
let world: IdentityWorld;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
});
afterAll(async () => {
  await world.close();
  await database.close();
});

const ctx = () => ({ db: database.db, now: new Date(), env: world.env });
const token = async (agentName: string) => (await createJoinToken(world.ctx(), { agentName })).joinToken;
const statusOf = async (agentId: string) =>
  (await database.db.select().from(agents).where(eq(agents.id, agentId)))[0]?.status;
async function records(agentId: string, kind: string): Promise<AuditRecordBody[]> {
  const rows = await database.db
    .select()
    .from(auditRecords)
    .where(and(eq(auditRecords.agentId, agentId), eq(auditRecords.kind, kind)));
  return rows.map((row) => JSON.parse(row.body.toString()) as AuditRecordBody);
}
const credentialsOf = (agentId: string) =>
  database.db.select().from(credentials).where(eq(credentials.agentId, agentId));

test("an enrolled agent holds five certificates of five keys under five authorities, all recorded", async () => {
  const agent = await world.enrol("five-1");
  expect(await statusOf(agent.agentId)).toBe("enrolled");
  const rows = await credentialsOf(agent.agentId);
  expect(rows.map((row) => row.purpose).sort()).toEqual([...PURPOSES].sort());
  expect(new Set(rows.map((row) => row.keyId)).size).toBe(5);
  expect(new Set(rows.map((row) => row.authorityId)).size).toBe(5);
  for (const purpose of PURPOSES) {
    const { certificatePem, chainPem } = agent.certificates[purpose];
    const leaf = new X509Certificate(certificatePem);
    expect(leaf.verify(new X509Certificate(chainPem).publicKey)).toBe(true);
    expect(leaf.checkPrivateKey(agent.keys[purpose].privateKey)).toBe(true);
  }
  expect(await records(agent.agentId, "credential.issued")).toHaveLength(5);
  expect(await records(agent.agentId, "agent.enrolment")).toMatchObject([{ outcome: "allow" }]);
  expect(await records(agent.agentId, "agent.status-changed")).toMatchObject([
    { details: { from: "registered", to: "enrolled" } },
  ]);
});

test("no private key of an agent reaches the database", async () => {
  const agent = await world.enrol("secret-1");
  const rows = JSON.stringify(await credentialsOf(agent.agentId));
  expect(rows).not.toContain("PRIVATE KEY");
  for (const purpose of PURPOSES) {
    const { d } = agent.keys[purpose].privateKey.export({ format: "jwk" });
    expect(d).toBeTruthy();
    expect(rows).not.toContain(d);
  }
});

test("of twenty enrolments with one token at once, one wins", async () => {
  const { agentId } = await world.register("race-1");
  const joinToken = await token("race-1");
  const tries = await Promise.allSettled(
    Array.from({ length: 20 }, async () => enrolAgent(ctx(), { joinToken, csrs: (await makeCsrSet()).csrs })),
  );
  const refused = tries.filter((each) => each.status === "rejected");
  expect(refused).toHaveLength(19);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: "join_token_used", status: 409 });
  expect(await credentialsOf(agentId)).toHaveLength(5);
  expect(await records(agentId, "agent.enrolment")).toHaveLength(20);
});

test("the same requests again, after a lost answer, get the same certificates", async () => {
  const { agentId } = await world.register("again-1");
  const enrolment = { joinToken: await token("again-1"), csrs: (await makeCsrSet()).csrs };
  const first = await enrolAgent(ctx(), enrolment);
  expect((await enrolAgent(ctx(), enrolment)).certificates).toEqual(first.certificates);
  expect(await credentialsOf(agentId)).toHaveLength(5);
});

test("a worker that was away costs no token: the same requests are taken up again", async () => {
  const { agentId } = await world.register("away-1");
  const enrolment = { joinToken: await token("away-1"), csrs: (await makeCsrSet()).csrs };
  const now = new Date(Date.now() - 5 * 60_000);
  await database.db.transaction((tx) => consumeJoinToken(tx, { ...enrolment, now }));
  await vi.waitFor(async () => expect(await records(agentId, "credential.refused")).toHaveLength(5));
  expect(await enrolAgent(ctx(), enrolment)).toMatchObject({ agent: "away-1" });
  expect(await statusOf(agentId)).toBe("enrolled");
  const { csrs } = await makeCsrSet();
  const mixed = enrolAgent(ctx(), { ...enrolment, csrs: { ...enrolment.csrs, oauth: csrs.oauth } });
  await expect(mixed).rejects.toMatchObject({ code: "join_token_used" });
});

test("a repeated enrolment does not bring back a certificate that was revoked since", async () => {
  const { agentId } = await world.register("revoked-since-1");
  const enrolment = { joinToken: await token("revoked-since-1"), csrs: (await makeCsrSet()).csrs };
  await enrolAgent(ctx(), enrolment);
  const [credential] = await credentialsOf(agentId);
  const revocation = { credentialId: credential?.id ?? "", reason: "key-compromise" as const };
  await database.db.transaction((tx) => revokeCredential(tx, { ...revocation, ...world.ctx() }));
  await expect(enrolAgent(ctx(), enrolment)).rejects.toMatchObject({ code: "join_token_used" });
});

describe("a token is refused", () => {
  test("after an hour, and the refusal is recorded", async () => {
    const { agentId } = await world.register("late-1");
    const joinToken = await token("late-1");
    const now = new Date(Date.now() + 60 * 60_000 + 1_000);
    const late = enrolAgent({ ...ctx(), now }, { joinToken, csrs: (await makeCsrSet()).csrs });
    await expect(late).rejects.toMatchObject({ code: "join_token_expired" });
    const [record] = await records(agentId, "agent.enrolment");
    expect(record).toMatchObject({ outcome: "deny" });
    expect(record?.checks?.find((check) => !check.passed)?.id).toBe("token-in-time");
  });

  test("when a character of it differs, and nothing is recorded for a caller who proved nothing", async () => {
    await world.register("forged-1");
    const joinToken = await token("forged-1");
    const forged = joinToken.replace(/^vjt_./, (start) => (start === "vjt_A" ? "vjt_B" : "vjt_A"));
    const count = async () => (await database.db.select().from(auditRecords)).length;
    const before = await count();
    await expect(
      enrolAgent(ctx(), { joinToken: forged, csrs: (await makeCsrSet()).csrs }),
    ).rejects.toMatchObject({
      code: "join_token_invalid",
    });
    expect(await count()).toBe(before);
  });

  test("when its agent is suspended", async () => {
    const { agentId } = await world.register("barred-1");
    const joinToken = await token("barred-1");
    const { actor, now } = world.ctx();
    await database.db.transaction((tx) =>
      changeAgentStatus(tx, { agentId, to: "suspended", actor, now, reason: "test" }),
    );
    await expect(enrolAgent(ctx(), { joinToken, csrs: (await makeCsrSet()).csrs })).rejects.toMatchObject({
      code: "agent_barred",
    });
  });
});

describe("a bad set of requests", () => {
  test("with one key for two purposes is refused, and the token is not spent on it", async () => {
    await world.register("twice-1");
    const joinToken = await token("twice-1");
    const { csrs } = await makeCsrSet();
    const bad = enrolAgent(ctx(), { joinToken, csrs: { ...csrs, oauth: csrs.transport } });
    await expect(bad).rejects.toMatchObject({ code: "csr_refused", facts: { check: "keys-distinct" } });
    await expect(enrolAgent(ctx(), { joinToken, csrs })).resolves.toMatchObject({ agent: "twice-1" });
  });

  test("with another agent's key is refused", async () => {
    const other = await world.enrol("owner-1");
    await world.register("thief-1");
    const { csrs } = await makeCsrSet();
    csrs.oauth = await makeCsr({ key: other.keys.transport });
    const bad = enrolAgent(ctx(), { joinToken: await token("thief-1"), csrs });
    await expect(bad).rejects.toMatchObject({ code: "csr_refused", facts: { check: "oauth-key-once" } });
  });
});

test("of two agents that race for one key, one gets it and the other is told why", async () => {
  const key = makeKey();
  const names = ["same-key-1", "same-key-2"];
  const enrolments = await Promise.all(
    names.map(async (name) => {
      await world.register(name);
      const { csrs } = await makeCsrSet();
      csrs.transport = await makeCsr({ key });
      return { joinToken: await token(name), csrs };
    }),
  );
  const tries = await Promise.allSettled(enrolments.map((enrolment) => enrolAgent(ctx(), enrolment)));
  const refused = tries.filter((each) => each.status === "rejected");
  expect(refused).toHaveLength(1);
  expect(["csr_refused", "certificate_key_once"]).toContain(refused[0]?.reason.code);
});

test("an agent that enrols again loses every certificate it held before", async () => {
  const agent = await world.enrol("again-2");
  await enrolAgent(ctx(), { joinToken: await token("again-2"), csrs: (await makeCsrSet()).csrs });
  const rows = await credentialsOf(agent.agentId);
  expect(rows.filter((row) => row.status === "active")).toHaveLength(5);
  expect(rows.filter((row) => row.revokeReason === "re-enrolled")).toHaveLength(5);
});

test("the token's text is nowhere in the database", async () => {
  await world.register("hashed-1");
  const joinToken = await token("hashed-1");
  const secret = joinToken.slice(4, 47);
  const rows = await database.db.select().from(joinTokens);
  const bodies = await database.db.select({ body: auditRecords.body }).from(auditRecords);
  expect(rows.some((row) => row.tokenHash.toString("base64url") === secret)).toBe(false);
  expect(JSON.stringify(rows)).not.toContain(secret);
  expect(bodies.some(({ body }) => body.toString().includes(secret))).toBe(false);
});

describe("renewal", () => {
  const renew = (agentId: string, csrPem: string) =>
    renewCredential({ db: database.db, now: new Date() }, { agentId, purpose: "transport", csrPem });

  test("gives a new certificate for a new key and leaves the one in use; the one before is superseded", async () => {
    const agent = await world.enrol("renew-1");
    for (let turn = 0; turn < 3; turn += 1) await renew(agent.agentId, await makeCsr({ key: makeKey() }));
    const rows = (await credentialsOf(agent.agentId)).filter((row) => row.purpose === "transport");
    expect(rows).toHaveLength(4);
    expect(rows.filter((row) => row.status === "active")).toHaveLength(2);
    expect(rows.filter((row) => row.revokeReason === "superseded")).toHaveLength(2);
  });

  test("of the key in use gets the certificate it has, and a foreign key is refused and recorded", async () => {
    const [agent, other] = [await world.enrol("renew-2"), await world.enrol("renew-3")];
    const same = await renew(agent.agentId, await makeCsr({ key: agent.keys.transport }));
    expect(same).toEqual(agent.certificates.transport);
    const foreign = renew(agent.agentId, await makeCsr({ key: other.keys.transport }));
    await expect(foreign).rejects.toMatchObject({ code: "certificate_key_once", status: 403 });
    const own = renew(agent.agentId, await makeCsr({ key: agent.keys.oauth }));
    await expect(own).rejects.toMatchObject({ code: "certificate_key_once" });
    expect(await records(agent.agentId, "credential.refused")).toHaveLength(2);
  });

  test("asked for five times at once, as after lost answers, is one certificate", async () => {
    const agent = await world.enrol("again-3");
    const csr = await makeCsr({ key: makeKey() });
    const answers = await Promise.all(Array.from({ length: 5 }, () => renew(agent.agentId, csr)));
    expect(new Set(answers.map(({ certificatePem }) => certificatePem)).size).toBe(1);
    const rows = (await credentialsOf(agent.agentId)).filter((row) => row.purpose === "transport");
    expect(rows).toHaveLength(2);
    expect(await records(agent.agentId, "credential.refused")).toEqual([]);
  });

  test("is refused to a contained agent", async () => {
    const agent = await world.enrol("renew-4");
    const { actor, now } = world.ctx();
    await database.db.transaction((tx) =>
      changeAgentStatus(tx, { agentId: agent.agentId, to: "contained", actor, now, reason: "test" }),
    );
    await expect(renew(agent.agentId, await makeCsr({ key: makeKey() }))).rejects.toMatchObject({
      code: "certificate_agent_in_service",
    });
  });

  test("asked for again while nobody signs joins the request that waits, and is no flood", async () => {
    const agent = await world.enrol("again-4");
    const csrPem = await makeCsr({ key: makeKey() });
    const asked = { agentId: agent.agentId, purpose: "transport" as const, csrPem };
    const first = await requestCertificate(database.db, { ...asked, now: new Date() });
    const answers = await Promise.all(Array.from({ length: 25 }, () => renew(agent.agentId, csrPem)));
    expect(new Set(answers.map(({ certificatePem }) => certificatePem)).size).toBe(1);
    const requests = await database.db
      .select()
      .from(certificateRequests)
      .where(eq(certificateRequests.csrPem, csrPem));
    expect(requests.map(({ id }) => id)).toEqual([first]);
  });

  test("twenty times a minute is enough", async () => {
    const agent = await world.enrol("renew-5");
    const flood = async () => {
      for (let turn = 0; turn < 21; turn += 1) await renew(agent.agentId, await makeCsr({ key: makeKey() }));
    };
    await expect(flood()).rejects.toMatchObject({ code: "too_many_requests", status: 429 });
  });
});

test("an agent's document shows its live public keys, and none once it is out of service", async () => {
  const agent = await world.enrol("shown-1");
  const at = { enrolUrl: world.env.enrolUrl, now: new Date() };
  const document = await agentDidDocument(database.db, "shown-1", at);
  expect(document).toMatchObject({ alsoKnownAs: [agent.did] });
  expect(document.verificationMethod).toHaveLength(4);
  expect(JSON.stringify(document)).not.toContain('"d"');
  const { actor, now } = world.ctx();
  await database.db.transaction((tx) =>
    changeAgentStatus(tx, { agentId: agent.agentId, to: "contained", actor, now, reason: "test" }),
  );
  expect((await agentDidDocument(database.db, "shown-1", at)).verificationMethod).toEqual([]);
  await expect(agentDidDocument(database.db, "../etc", at)).rejects.toMatchObject({ code: "agent_unknown" });
});

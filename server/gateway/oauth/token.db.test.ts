import { eq } from "drizzle-orm";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  accessTokens,
  agents,
  alerts,
  approvals,
  credentials,
  featureWindows,
  grants,
} from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { ensureDefaultPolicy } from "../../layers/authorization/ensure-default-policy.ts";
import { grantBaseScopes } from "../../layers/authorization/grant-base-scopes.ts";
import { giveApproved as approveScope } from "../../layers/authorization/testing/give-approved.ts";
import {
  makeAgent,
  makePerson,
  NOW,
  recordsOf,
  SYSTEM,
} from "../../layers/authorization/testing/people-and-agents.ts";
import {
  askToken,
  assertionOf,
  createTestAuthority,
  startTokenServer,
  type TestAgent,
  type TestAuthority,
  type TokenServer,
} from "./testing/token-endpoint.ts";

let test: TestDatabase;
let authority: TestAuthority;
let server: TokenServer;
let who: TestAgent;

beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
  authority = await createTestAuthority(test.db);
  server = await startTokenServer(test.db, authority);
});
afterAll(async () => {
  await server.close();
  await test.close();
});
beforeEach(async () => {
  who = await enrolled("transactions:read", "transactions:analyze");
});

async function enrolled(...scopes: string[]): Promise<TestAgent> {
  const agent = await makeAgent(test.db);
  await test.db.transaction((tx) =>
    grantBaseScopes(tx, { agentId: agent.id, scopes, actor: SYSTEM, now: new Date() }),
  );
  return authority.enrol(agent);
}

const giveApproved = (scope: string, seconds: number) =>
  approveScope(test.db, { agent: who.agent.name, scope, seconds, now: new Date() });

async function verified(token: unknown) {
  const keys = createLocalJWKSet(server.tokenKeys.published(new Date()));
  return (await jwtVerify(String(token), keys, { typ: "at+jwt" })).payload;
}

const tokensOf = (agentId: string) =>
  test.db.select().from(accessTokens).where(eq(accessTokens.agentId, agentId));

describe("a token", () => {
  it("is an RFC 9068 JWT bound inside its payload to the connection's certificate", async () => {
    const { status, headers, body } = await askToken(server, who, "transactions:read transactions:analyze");
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3_600 });
    expect(body).not.toHaveProperty("cnf");
    const claims = await verified(body.access_token);
    expect(claims).toMatchObject({
      iss: server.env.enrolUrl,
      aud: server.env.gatewayUrl,
      sub: who.agent.did,
      client_id: who.agent.did,
      scope: "transactions:read transactions:analyze",
      cnf: { "x5t#S256": who.transport.thumbprint },
      policy_version: 1,
    });
    expect(claims.grant_ids).toHaveLength(2);
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3_600);
    expect(decodeProtectedHeader(String(body.access_token))).toMatchObject({ alg: "EdDSA", typ: "at+jwt" });
  });

  it("is written with its record before it leaves", async () => {
    const { body } = await askToken(server, who, "transactions:read");
    const claims = await verified(body.access_token);
    const [row] = await tokensOf(who.agent.id);
    expect(row).toMatchObject({
      jti: claims.jti,
      scopes: ["transactions:read"],
      grantIds: claims.grant_ids,
      thumbprint: who.transport.thumbprint,
    });
    expect(row?.expiresAt.getTime()).toBe(Number(claims.exp) * 1000);
    const [record] = await recordsOf(test.db, who.agent.id);
    expect(record).toMatchObject({
      kind: "token.issued",
      outcome: "allow",
      body: { agentId: who.agent.did, grantIds: claims.grant_ids, details: { jti: claims.jti } },
    });
  });

  it("is not issued while the record cannot be written", async () => {
    await test.asSuper((client) => client.query("revoke insert on audit_records from vigil_app"));
    try {
      const { status, headers, body } = await askToken(server, who, "transactions:read");
      expect(status).toBe(503);
      expect(headers["retry-after"]).toBe("1");
      expect(body).toEqual({ error: "temporarily_unavailable", error_description: expect.any(String) });
      expect(await tokensOf(who.agent.id)).toHaveLength(0);
    } finally {
      await test.asSuper((client) => client.query("grant insert on audit_records to vigil_app"));
    }
  });

  it("never outlives the shortest of its grants, and HIGH alerts security", async () => {
    const grantId = await giveApproved("payments:execute", 120);
    const { body } = await askToken(server, who, "transactions:read payments:execute");
    const claims = await verified(body.access_token);
    expect(claims.scope).toBe("transactions:read payments:execute");
    const [grant] = await test.db.select().from(grants).where(eq(grants.id, grantId));
    expect(Number(claims.exp) * 1000).toBeLessThanOrEqual(grant?.expiresAt?.getTime() ?? 0);
    expect(grant?.activatedAt).not.toBeNull();
    const [alert] = await test.db.select().from(alerts).where(eq(alerts.agentId, who.agent.id));
    expect(alert).toMatchObject({ kind: "authorization", status: "open" });
  });

  it("never outlives the certificate it is bound to", async () => {
    const agent = await makeAgent(test.db);
    await test.db.transaction((tx) =>
      grantBaseScopes(tx, {
        agentId: agent.id,
        scopes: ["transactions:read"],
        actor: SYSTEM,
        now: new Date(),
      }),
    );
    const short = await authority.enrol(agent, new Date(Date.now() + 90_000));
    const { body } = await askToken(server, short, "transactions:read");
    expect(body.expires_in).toBeLessThanOrEqual(90);
  });
});

describe("scopes", () => {
  it("that were not named are those of the agent's live grants, and the answer names them", async () => {
    const { body } = await askToken(server, who, "");
    expect(String(body.scope).split(" ").sort()).toEqual(["transactions:analyze", "transactions:read"]);
    expect((await verified(body.access_token)).scope).toBe(body.scope);
  });

  it("are refused to an agent that holds no grant and names none", async () => {
    who = await enrolled();
    expect(await askToken(server, who, "")).toMatchObject({ status: 400, body: { error: "invalid_scope" } });
    expect(await tokensOf(who.agent.id)).toHaveLength(0);
  });

  it("are granted in part, each refused one with its rule", async () => {
    const { status, body } = await askToken(server, who, "transactions:read alerts:create no:such");
    expect(status).toBe(200);
    expect(body.scope).toBe("transactions:read");
    expect(body.refused).toMatchObject([
      { scope: "alerts:create", rule: "not_granted" },
      { scope: "no:such", rule: "scope_unknown" },
    ]);
    const [record] = await recordsOf(test.db, who.agent.id);
    expect(record).toMatchObject({ kind: "token.issued", outcome: "partial" });
  });

  it("none of which is granted end in invalid_scope with the reasons, recorded", async () => {
    const { status, body } = await askToken(server, who, "alerts:create");
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: "invalid_scope", refused: [{ rule: "not_granted" }] });
    const [record] = await recordsOf(test.db, who.agent.id);
    expect(record).toMatchObject({ kind: "token.refused", outcome: "deny" });
    expect(await tokensOf(who.agent.id)).toHaveLength(0);
  });

  it("that are HIGH and not approved open one request, however often and at once they are asked for", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => askToken(server, who, "transactions:read payments:execute")),
    );
    const open = await test.db.select().from(approvals).where(eq(approvals.agentId, who.agent.id));
    expect(open).toHaveLength(1);
    expect(open[0]).toMatchObject({
      requestedByType: "agent",
      requestedBy: who.agent.did,
      status: "pending",
    });
    for (const { body } of answers)
      expect(body).toMatchObject({
        scope: "transactions:read",
        refused: [{ scope: "payments:execute", rule: "approval_needed", approvalId: open[0]?.id }],
      });
  });

  it("just denied are not asked for again by the agent's own trying", async () => {
    await askToken(server, who, "payments:execute");
    await test.db
      .update(approvals)
      .set({ status: "denied", decidedAt: new Date(), decisionReason: "No ticket" })
      .where(eq(approvals.agentId, who.agent.id));
    const { body } = await askToken(server, who, "payments:execute");
    expect(body.error_description).toContain("No ticket");
    expect(await test.db.select().from(approvals).where(eq(approvals.agentId, who.agent.id))).toHaveLength(1);
  });

  it("that are MEDIUM need an approval and trust above 0.8 as well, with the trust on record", async () => {
    await giveApproved("transactions:modify", 600);
    const refused = await askToken(server, who, "transactions:modify");
    expect(refused.body).toMatchObject({ error: "invalid_scope", refused: [{ rule: "trust_too_low" }] });
    const owner = await makePerson(test.db, ["analyst"]);
    await test.db.update(agents).set({ ownerId: owner.id }).where(eq(agents.id, who.agent.id));
    const known = [21, 1].map((days) => new Date(Date.now() - days * 86_400_000));
    for (const at of known)
      await test.db.insert(featureWindows).values({ agentId: who.agent.id, at, features: {} });
    const { body } = await askToken(server, who, "transactions:modify");
    expect(body.scope).toBe("transactions:modify");
    const [record] = await recordsOf(test.db, who.agent.id);
    expect(record?.body.details).toMatchObject({
      elevated: ["transactions:modify"],
      trust: { score: 0.89, computed: 0.89, override: null },
    });
  });
});

describe("no token is issued to", () => {
  it("an agent over another agent's certificate", async () => {
    const other = await enrolled("transactions:read");
    const { status, body } = await askToken(server, who, "transactions:read", {}, other.transport);
    expect(status).toBe(401);
    expect(body.error).toBe("invalid_client");
    expect(await tokensOf(who.agent.id)).toHaveLength(0);
    const [record] = await recordsOf(test.db, other.agent.id);
    expect(record).toMatchObject({ kind: "token.refused", outcome: "deny" });
  });

  it("a caller without a certificate, or whose certificate names no live credential", async () => {
    await expect(askToken(server, who, "transactions:read", {}, { key: "", cert: "" })).rejects.toThrow();
    const stranger = await authority.issue("stranger");
    expect(await askToken(server, who, "transactions:read", {}, stranger)).toMatchObject({
      status: 401,
      body: { error: "invalid_client" },
    });
    await test.db
      .update(credentials)
      .set({ status: "revoked", revokedAt: new Date() })
      .where(eq(credentials.thumbprint, who.transport.thumbprint));
    expect(await askToken(server, who, "transactions:read")).toMatchObject({ status: 401 });
  });

  it.each(["contained", "suspended", "retired", "registered"])("an agent that is %s", async (status) => {
    await test.db.update(agents).set({ status }).where(eq(agents.id, who.agent.id));
    const answer = await askToken(server, who, "transactions:read");
    expect(answer).toMatchObject({ status: 400, body: { error: "unauthorized_client" } });
    expect(answer.body.refused).toMatchObject([{ rule: "agent_not_in_service" }]);
    const [record] = await recordsOf(test.db, who.agent.id);
    expect(record).toMatchObject({ kind: "token.refused" });
  });

  it("a banned agent", async () => {
    await test.db.update(agents).set({ banned: true }).where(eq(agents.id, who.agent.id));
    expect(await askToken(server, who, "transactions:read")).toMatchObject({
      body: { error: "unauthorized_client" },
    });
  });
});

describe("a client assertion", () => {
  afterEach(async () => expect(await tokensOf(who.agent.id)).toHaveLength(0));
  const refused = { status: 401, body: { error: "invalid_client" } };
  const withClaims = async (claims: Record<string, unknown>) =>
    askToken(server, who, "transactions:read", {
      client_assertion: await assertionOf(who, server.env.enrolUrl, claims),
    });

  it("for another audience, even the request's own Host, is refused and recorded", async () => {
    expect(await withClaims({ aud: "https://evil.example/oauth/token" })).toMatchObject(refused);
    expect(await withClaims({ aud: [server.env.enrolUrl, "https://evil.example"] })).toMatchObject(refused);
    const form = new URLSearchParams({
      ...{ grant_type: "client_credentials", scope: "transactions:read" },
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await assertionOf(who, "https://evil.example/oauth/token"),
    });
    const answer = await server.post("/oauth/token", who.transport, form, { host: "evil.example" });
    expect(answer).toMatchObject(refused);
    const [record] = await recordsOf(test.db, who.agent.id);
    expect(record).toMatchObject({
      kind: "token.refused",
      body: { checks: [{ id: "invalid_client", passed: false }] },
    });
  });

  it("that is expired, long-lived, from the future or without an id is refused", async () => {
    const seconds = Math.floor(Date.now() / 1000);
    expect(await withClaims({ exp: seconds - 60 })).toMatchObject(refused);
    expect(await withClaims({ exp: seconds + 3_600 })).toMatchObject(refused);
    expect(await withClaims({ iat: seconds + 120 })).toMatchObject(refused);
    expect(await withClaims({ jti: undefined })).toMatchObject(refused);
  });

  it("signed by the agent's own key of another purpose is refused", async () => {
    const pkcs8 = Buffer.from(who.transport.key.replace(/-----[^-]+-----|\s/g, ""), "base64");
    const transport = { name: "ECDSA", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, transport, false, ["sign"]);
    const [row] = await test.db
      .select()
      .from(credentials)
      .where(eq(credentials.thumbprint, who.transport.thumbprint));
    const seconds = Math.floor(Date.now() / 1000);
    const client_assertion = await new SignJWT({ jti: "own-key-of-another-purpose" })
      .setProtectedHeader({ alg: "ES256", kid: row?.keyId ?? "" })
      .setIssuer(who.agent.did)
      .setSubject(who.agent.did)
      .setAudience(server.env.enrolUrl)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + 60)
      .sign(key);
    expect(await askToken(server, who, "transactions:read", { client_assertion })).toMatchObject(refused);
  });

  it("signed by another agent's key, or by a retired key, is refused", async () => {
    const other = await enrolled("transactions:read");
    const forged = await assertionOf({ ...who, oauth: other.oauth }, server.env.enrolUrl);
    expect(await askToken(server, who, "transactions:read", { client_assertion: forged })).toMatchObject(
      refused,
    );
    await test.db
      .update(credentials)
      .set({ status: "revoked", revokedAt: new Date() })
      .where(eq(credentials.keyId, who.oauthKeyId));
    expect(await askToken(server, who, "transactions:read")).toMatchObject(refused);
  });
});

it("a client assertion that calls Ed25519 by its name of RFC 9864, as openid-client does, is accepted", async () => {
  const client_assertion = await assertionOf(who, server.env.enrolUrl, {}, "Ed25519");
  expect(await askToken(server, who, "transactions:read", { client_assertion })).toMatchObject({
    status: 200,
  });
});

it("a client assertion is used once: of ten at once, one gets a token", async () => {
  const client_assertion = await assertionOf(who, server.env.enrolUrl);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => askToken(server, who, "transactions:read", { client_assertion })),
  );
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  expect(await tokensOf(who.agent.id)).toHaveLength(1);
});

it("other grants, resources and client authentication are refused", async () => {
  expect(await askToken(server, who, "transactions:read", { grant_type: "password" })).toMatchObject({
    body: { error: "unsupported_grant_type" },
  });
  expect(
    await askToken(server, who, "transactions:read", { resource: "https://elsewhere.example" }),
  ).toMatchObject({
    body: { error: "invalid_target" },
  });
  const bare = new URLSearchParams({ grant_type: "client_credentials", client_id: who.agent.did });
  expect(await server.post("/oauth/token", who.transport, bare)).toMatchObject({
    body: { error: "invalid_client" },
  });
  expect(await tokensOf(who.agent.id)).toHaveLength(0);
});

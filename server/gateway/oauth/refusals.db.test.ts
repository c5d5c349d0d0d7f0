import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agents } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { transportAnchors } from "../../layers/identity/trust-bundle.ts";
import { type System, startSystem } from "../testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "../testing/test-agent.ts";
import { type ResourceServer, startResourceServer } from "./testing/resource-server.ts";
import { assertionBy, forger, postForm, tokenForm } from "./testing/token-client.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let other: TestAgent;
let resource: ResourceServer;
let tokens: Awaited<ReturnType<typeof forger>>;
const seconds = () => Math.floor(Date.now() / 1000);

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  agent = await makeAgent(system, "refused-1", ["transactions:read", "transactions:analyze"]);
  other = await makeAgent(system, "refused-2");
  tokens = await forger(system);
  const { keyPem: key, certificatePem: cert } = other.credential("transport");
  resource = await startResourceServer({
    ...{ tls: { key, cert }, ca: await transportAnchors(system.db), issuer: system.env.enrolUrl },
    ...{ audience: system.env.gatewayUrl, jwksUri: `${system.env.enrolUrl}/.well-known/jwks.json` },
    jwksCa: agent.rootPem,
  });
});
afterAll(async () => {
  await resource?.close();
  await agent?.close();
  await other?.close();
  await system?.close();
  await database?.close();
});

type Over = { keyPem: string; certificatePem: string };
/** A signed report of one action with this token, over this certificate. */
async function atGateway(
  token: string,
  { over = agent.credential("transport") as Over, query = "", action = "transactions.read" } = {},
) {
  const uri = `${system.env.gatewayUrl}/v1/actions${query}`;
  const body = JSON.stringify([{ action, at: new Date().toISOString() }]);
  const pool = connect(agent.rootPem, over);
  const answer = await send(pool, uri, await agent.sign(body, { token, targetUri: uri }));
  pool.destroy();
  return answer;
}
async function atResource(token: string, over: Over | null = agent.credential("transport")) {
  const pool = connect(agent.rootPem, over);
  pool.options.checkServerIdentity = () => undefined;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await send(pool, `${resource.url}/balance`, { method: "GET", headers });
  pool.destroy();
  return answer;
}

describe("an access token", () => {
  it("that is right in all passes at both, also where its clock is up to 10 s ahead", async () => {
    for (const claims of [{}, { iat: seconds() + 8, nbf: seconds() + 8 }]) {
      const token = await tokens.forge(agent, claims);
      expect((await atGateway(token)).status).toBe(202);
      expect((await atResource(token)).status).toBe(200);
    }
  });

  it.each<[string, string, () => Promise<string>]>([
    ["without a signature", "token_invalid", () => tokens.forge(agent, {}, { alg: "none" })],
    [
      "signed with HS256 by our public key's bytes",
      "token_invalid",
      () => tokens.forge(agent, {}, { alg: "HS256" }, tokens.publicKeyAsSecret),
    ],
    [
      "signed by the agent's own key",
      "token_invalid",
      () => tokens.forge(agent, {}, {}, agent.credential("signature").privateKey),
    ],
    ["of the type JWT", "token_claim_wrong", () => tokens.forge(agent, {}, { typ: "JWT" })],
    [
      "that is an ID token",
      "token_claim_wrong",
      () => tokens.forge(agent, { aud: agent.did, nonce: "n", auth_time: seconds() }, { typ: "JWT" }),
    ],
    ["without a type", "token_claim_wrong", () => tokens.forge(agent, {}, { typ: undefined as never })],
    [
      "for another audience",
      "token_claim_wrong",
      () => tokens.forge(agent, { aud: "https://elsewhere.example" }),
    ],
    ["of another issuer", "token_claim_wrong", () => tokens.forge(agent, { iss: "https://evil.example" })],
    [
      "that has expired",
      "token_expired",
      () => tokens.forge(agent, { iat: seconds() - 600, exp: seconds() - 1 - 10 }),
    ],
    ["that is not valid yet", "token_too_early", () => tokens.forge(agent, { nbf: seconds() + 61 })],
    [
      "that was issued in the future",
      "token_too_early",
      () => tokens.forge(agent, { iat: seconds() + 61, exp: seconds() + 600 }),
    ],
    ["without a binding", "token_unbound", () => tokens.forge(agent, { cnf: undefined })],
    [
      "bound to another certificate",
      "token_not_bound",
      () => tokens.forge(agent, { cnf: { "x5t#S256": other.credential("transport").thumbprint } }),
    ],
  ])(
    "%s is refused with 401 invalid_token at the gateway and at a resource server",
    async (_what, code, make) => {
      const token = await make();
      const there = await atGateway(token);
      expect([there.status, there.body.error?.code]).toEqual([401, code]);
      for (const answer of [there, await atResource(token)]) {
        expect(answer.status).toBe(401);
        expect(answer.headers["www-authenticate"]).toMatch(
          /^Bearer error="invalid_token", error_description="[\x20-\x21\x23-\x5b\x5d-\x7e]+"$/,
        );
      }
      expect(there.headers["cache-control"]).toBe("no-store");
    },
  );

  it("of another agent is refused over its own certificate, and over the other's", async () => {
    const token = await tokens.forge(other);
    expect((await atGateway(token)).body.error?.code).toBe("token_foreign");
    const own = await tokens.forge(agent);
    const over = other.credential("transport");
    // The signature's key is not the connection's agent's: that comes first.
    expect((await atGateway(own, { over })).status).toBe(401);
    expect(await atResource(own, over)).toMatchObject({ status: 401 });
    expect(await atResource(own, null)).toMatchObject({ status: 401 });
  });

  it("bound to a key is refused as Bearer, at the gateway and at a resource server (RFC 9449 §7.1)", async () => {
    const cnf = { "x5t#S256": agent.credential("transport").thumbprint, jkt: "k".repeat(43) };
    const token = await tokens.forge(agent, { cnf });
    const there = await atGateway(token);
    expect([there.status, there.body.error?.code]).toEqual([401, "token_needs_proof"]);
    const answer = await atResource(token);
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
  });

  it("in the address is refused, alone and beside the header, and not believed", async () => {
    const token = await tokens.forge(agent);
    const both = await atGateway(token, { query: `?access_token=${token}` });
    expect([both.status, both.body.error?.code]).toEqual([400, "token_in_query"]);
    expect(both.headers["www-authenticate"]).toMatch(/^Bearer error="invalid_request"/);
    const uri = `${system.env.gatewayUrl}/v1/actions?access_token=${token}`;
    const pool = connect(agent.rootPem, agent.credential("transport"));
    const alone = await send(pool, uri, {
      headers: { "content-type": "application/json" },
      body: Buffer.from("[]"),
    });
    pool.destroy();
    expect([alone.status, alone.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
  });

  it("whose scope does not cover the action gets 403 insufficient_scope in the standard's words", async () => {
    const answer = await atGateway(await tokens.forge(agent), { action: "payments.execute" });
    expect([answer.status, answer.body.error?.code]).toEqual([403, "insufficient_scope"]);
    expect(answer.headers["www-authenticate"]).toMatch(
      /^Bearer error="insufficient_scope", error_description="[^"]*payments:execute[^"]*"$/,
    );
  });

  it.each(["Payments:Execute", "TRANSACTIONS:READ", "transactions:read\t", "transactions:read,x"])(
    "with the scope %j covers nothing: scopes are compared letter for letter",
    async (scope) => {
      const answer = await atGateway(await tokens.forge(agent, { scope }));
      expect([answer.status, answer.body.error?.code]).toEqual([403, "insufficient_scope"]);
    },
  );
});

describe("the token endpoint", () => {
  const ask = async (more: Record<string, string> = {}, over?: Over | null) =>
    postForm(system, agent, await tokenForm(system, agent, more), over === undefined ? {} : { over });
  const claiming = async (claims: object, header = {}, key?: Parameters<typeof assertionBy>[4]) =>
    ask({ client_assertion: await assertionBy(system, agent, { ...claims }, header, key) });

  it("answers who is right, also where its clock is 9 s ahead", async () => {
    expect(await claiming({})).toMatchObject({ status: 200 });
    expect(await claiming({ iat: seconds() + 9, nbf: seconds() + 9 })).toMatchObject({ status: 200 });
  });

  it.each<[string, () => ReturnType<typeof ask>]>([
    ["over another agent's certificate", () => ask({}, other.credential("transport"))],
    ["without a signature", () => claiming({}, { alg: "none" })],
    [
      "signed with HS256 by our public key's bytes",
      () => claiming({}, { alg: "HS256" }, tokens.publicKeyAsSecret),
    ],
    [
      "signed by its own key of another purpose",
      () => claiming({}, {}, agent.credential("transport").privateKey),
    ],
    ["signed by another agent", () => claiming({}, {}, other.credential("oauth").privateKey)],
    ["for another audience", () => claiming({ aud: "https://elsewhere.example" })],
    ["for two audiences", () => claiming({ aud: [system.env.enrolUrl, "https://elsewhere.example"] })],
    ["of another issuer", () => claiming({ iss: other.did })],
    ["that has expired", () => claiming({ iat: seconds() - 120, exp: seconds() - 60 })],
    ["that is not valid yet", () => claiming({ nbf: seconds() + 61 })],
    ["that was issued in the future", () => claiming({ iat: seconds() + 61 })],
    ["without an id", () => claiming({ jti: undefined })],
  ])("refuses an assertion %s as invalid_client", async (_what, act) => {
    const answer = await act();
    expect(answer).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.body.access_token).toBeUndefined();
  });

  it("hears nobody without a certificate, and none of another purpose", async () => {
    for (const over of [null, agent.credential("oauth")])
      await expect(ask({}, over)).rejects.toMatchObject({
        code: expect.stringMatching(/^(ERR_SSL|ECONNRESET|EPIPE)/),
      });
  });

  it("takes one assertion once: of fifty at once, exactly one gets a token", async () => {
    const client_assertion = await assertionBy(system, agent);
    const form = await tokenForm(system, agent, { client_assertion });
    const answers = await Promise.all(Array.from({ length: 50 }, () => postForm(system, agent, form)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.error))).toEqual(new Set([undefined, "invalid_client"]));
  });

  it.each([
    ["grant_type", "client_credentials"],
    ["client_assertion", "x.y.z"],
    ["client_assertion_type", "x"],
    ["scope", "transactions:read"],
    ["client_id", "did:x"],
  ])("refuses %s given twice as invalid_request", async (name, value) => {
    const form = await tokenForm(system, agent, { scope: "transactions:read", client_id: agent.did });
    form.append(name, value);
    expect(await postForm(system, agent, form)).toMatchObject({
      status: 400,
      body: { error: "invalid_request" },
    });
  });

  it("does not read what stands in the address", async () => {
    const form = await tokenForm(system, agent);
    const answer = await postForm(system, agent, "", { path: `/oauth/token?${form}` });
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });

  it.each([
    "Transactions:Read",
    "transactions:read  transactions:analyze",
    " transactions:read",
    "transactions:read ",
    "transactions:read\ttransactions:analyze",
    "transactions:read\n",
    "transactions:read,transactions:analyze",
    "transactions:re\u0000ad",
    "transactions\u200b:read",
    'transactions:"read"',
  ])("refuses the scope %j as invalid_scope, and guesses nothing", async (scope) => {
    expect(await ask({ scope })).toMatchObject({ status: 400, body: { error: "invalid_scope" } });
  });
});

it("a contained agent gets no token, and the one it has counts for nothing", async () => {
  const token = await tokens.forge(agent);
  await system.db.update(agents).set({ status: "contained" }).where(eq(agents.id, agent.id));
  const answer = await postForm(system, agent, await tokenForm(system, agent));
  expect(answer).toMatchObject({ status: 400, body: { error: "unauthorized_client" } });
  const introspected = await postForm(system, other, new URLSearchParams({ token }), {
    path: "/oauth/introspect",
  });
  expect(introspected.body).toEqual({ active: false });
  await expect
    .poll(async () => (await atGateway(token).catch(() => null))?.body.error?.code ?? "cut")
    .toMatch(/cut|agent_contained/);
});

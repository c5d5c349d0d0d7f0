import { eq } from "drizzle-orm";
import { decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accessTokens, approvals } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { ensureDefaultPolicy } from "../../layers/authorization/ensure-default-policy.ts";
import { grantBaseScopes } from "../../layers/authorization/grant-base-scopes.ts";
import type { GrantLimits } from "../../layers/authorization/limits-schema.ts";
import { usd, writeAmountsPolicy } from "../../layers/authorization/testing/amounts-policy.ts";
import { giveApproved } from "../../layers/authorization/testing/give-approved.ts";
import { makeAgent, NOW, recordsOf, SYSTEM } from "../../layers/authorization/testing/people-and-agents.ts";
import { createTokenVerifier } from "../verify-token.ts";
import { oauthMetadata } from "./metadata.ts";
import {
  askToken,
  assertionOf,
  createTestAuthority,
  startTokenServer,
  type TestAgent,
  type TestAuthority,
  type TokenServer,
} from "./testing/token-endpoint.ts";

const SCOPE = "payments:execute";
const LIMITS = { ...usd("5000.00"), resources: ["/accounts/17/*"] };
let test: TestDatabase;
let authority: TestAuthority;
let server: TokenServer;
let who: TestAgent;

beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
  await writeAmountsPolicy(test.db);
  authority = await createTestAuthority(test.db);
  server = await startTokenServer(test.db, authority);
});
afterAll(async () => {
  await server.close();
  await test.close();
});
beforeEach(async () => {
  const agent = await makeAgent(test.db);
  await test.db.transaction((tx) =>
    grantBaseScopes(tx, {
      ...{ agentId: agent.id, scopes: ["transactions:read"], actor: SYSTEM, now: new Date() },
    }),
  );
  who = await authority.enrol(agent);
});

const give = (limits: GrantLimits, seconds = 3_600, agent = who.agent.name): Promise<string> =>
  giveApproved(test.db, { agent, scope: SCOPE, seconds, limits, now: new Date() });

const entry = (more: object = {}) => ({ type: "agent_action", actions: [SCOPE], ...more });
const ask = (details: unknown, scopes = "") => {
  const text = typeof details === "string" ? details : JSON.stringify(details);
  return askToken(server, who, scopes, { authorization_details: text });
};
async function claimsOf(token: unknown) {
  const [jwk] = server.tokenKeys
    .published(new Date())
    .keys.filter(({ kid }) => kid === decodeProtectedHeader(String(token)).kid);
  return (await jwtVerify(String(token), await importJWK(jwk as never), { typ: "at+jwt" })).payload;
}
const rowsOf = () => test.db.select().from(accessTokens).where(eq(accessTokens.agentId, who.agent.id));

describe("a token for a grant with limits", () => {
  it("carries them signed, in its row, its answer and its introspection, with the grant's id", async () => {
    const grant_id = await give(LIMITS);
    const { body } = await askToken(server, who, `transactions:read ${SCOPE}`);
    const details = [{ type: "agent_action", actions: [SCOPE], grant_id, ...LIMITS }];
    expect(body).toMatchObject({ scope: `transactions:read ${SCOPE}`, authorization_details: details });
    expect((await claimsOf(body.access_token)).authorization_details).toEqual(details);
    const [row] = await rowsOf();
    expect(row?.authorizationDetails).toEqual(details);
    const form = new URLSearchParams({ token: String(body.access_token) });
    const seen = await server.post("/oauth/introspect", who.transport, form);
    expect(seen.body).toMatchObject({ active: true, authorization_details: details });
    const records = await recordsOf(test.db, who.agent.id);
    expect(records.find(({ kind }) => kind === "token.issued")?.body.details).toMatchObject({
      authorizationDetails: details,
    });
  });

  it("and one without limits carries none, in none of these places", async () => {
    const scope = "customer:sensitive_data";
    await giveApproved(test.db, { agent: who.agent.name, scope, seconds: 600, now: new Date() });
    const { body } = await askToken(server, who, scope);
    expect(body).not.toHaveProperty("authorization_details");
    expect(await claimsOf(body.access_token)).not.toHaveProperty("authorization_details");
    const form = new URLSearchParams({ token: String(body.access_token) });
    const seen = await server.post("/oauth/introspect", who.transport, form);
    expect(seen.body).not.toHaveProperty("authorization_details");
  });

  it("is read by the gateway as the same limits", async () => {
    const grantId = await give(LIMITS);
    const { body } = await askToken(server, who, SCOPE);
    const verify = createTokenVerifier({
      issuer: server.env.enrolUrl,
      audience: server.env.gatewayUrl,
      keys: server.tokenKeys,
    });
    const { limits } = await verify(String(body.access_token), new Date());
    expect(limits?.get(SCOPE)).toEqual({ grantId, limits: LIMITS });
  });

  it("is announced in the metadata", () => {
    expect(oauthMetadata(server.env, ["private_key_jwt"])).toMatchObject({
      authorization_details_types_supported: ["agent_action"],
    });
  });
});

describe("authorization_details", () => {
  it("may ask for less than granted, and need no scope beside them: the token carries what both allow", async () => {
    const grant_id = await give(LIMITS);
    const { status, body } = await ask([entry({ ...usd("100"), locations: [server.env.gatewayUrl] })]);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      scope: SCOPE,
      authorization_details: [{ actions: [SCOPE], grant_id, ...usd("100.00"), resources: LIMITS.resources }],
    });
    expect(await claimsOf(body.access_token)).toMatchObject({ scope: SCOPE });
  });

  it("name their scopes beside those of the parameter scope", async () => {
    await give(LIMITS);
    const { body } = await ask([entry(usd("100"))], "transactions:read");
    expect(body.scope).toBe(`transactions:read ${SCOPE}`);
    expect((await claimsOf(body.access_token)).scope).toBe(`transactions:read ${SCOPE}`);
  });

  it.each<[string, object]>([
    ["a larger sum", usd("5000.01")],
    ["another currency", { amount: { max: "1", currency: "EUR" } }],
    ["another account", { resources: ["/accounts/18/*"] }],
    ["the accounts around it", { resources: ["/accounts/*"] }],
  ])("that ask for %s than granted are refused by name, recorded", async (_what, more) => {
    await give(LIMITS);
    const { status, body } = await ask([entry(more)]);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      ...{ error: "invalid_scope", refused: [{ scope: SCOPE, rule: "wider_than_granted" }] },
    });
    expect(await rowsOf()).toEqual([]);
    const [record] = await recordsOf(test.db, who.agent.id);
    expect(record).toMatchObject({
      kind: "token.refused",
      body: { details: { refused: [{ scope: SCOPE, rule: "wider_than_granted" }] } },
    });
  });

  it("take the grant that covers them, of several; without them the one that ends last", async () => {
    const long = await give(usd("50.00"), 3_600);
    const short = await give(usd("5000.00"), 600);
    const taken = async (more: object) =>
      (await claimsOf((await ask([entry(more)])).body.access_token)).grant_ids;
    expect(await taken({})).toEqual([long]);
    expect(await taken(usd("50"))).toEqual([long]);
    expect(await taken(usd("50.01"))).toEqual([short]);
    expect((await claimsOf((await askToken(server, who, SCOPE)).body.access_token)).grant_ids).toEqual([
      long,
    ]);
  });

  it("of an agent that holds nothing open a request that carries them, once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => ask([entry(LIMITS)], "transactions:read")),
    );
    const open = await test.db.select().from(approvals).where(eq(approvals.agentId, who.agent.id));
    expect(open).toHaveLength(1);
    expect(open[0]).toMatchObject({ scope: SCOPE, status: "pending", limits: LIMITS });
    for (const { body } of answers)
      expect(body).toMatchObject({
        scope: "transactions:read",
        refused: [{ rule: "approval_needed", approvalId: open[0]?.id }],
      });
  });

  it("of an agent that asks for more than one person gives alone open a request of two", async () => {
    await ask([entry(usd("6000.01"))]);
    const open = await test.db.select().from(approvals).where(eq(approvals.agentId, who.agent.id));
    expect(open).toMatchObject([{ limits: usd("6000.01"), votesNeeded: 2 }]);
  });

  it.each<[string, object, string]>([
    ["no sum", {}, "state the most"],
    ["more than the policy gives", usd("10000.01"), "up to 10000 USD"],
    ["another currency", { amount: { max: "1", currency: "EUR" } }, "in USD"],
  ])("of an agent that holds nothing open no request for %s", async (_what, more, said) => {
    const { status, body } = await ask([entry(more)]);
    expect(status).toBe(400);
    expect(body.error_description).toContain(said);
    expect(body.refused).toMatchObject([{ rule: "approval_needed" }]);
    expect(await test.db.select().from(approvals).where(eq(approvals.agentId, who.agent.id))).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["are no JSON", "[{"],
    ["are no list", entry()],
    ["are of an unknown type", [{ ...entry(), type: "payment_initiation" }]],
    ["have no type", [{ actions: [SCOPE] }]],
    ["hold an unknown field", [entry({ privileges: ["all"] })]],
    ["name a scope twice", [entry(), entry()]],
    ["hold a member twice", `[{"type":"agent_action","actions":["${SCOPE}"],"actions":["${SCOPE}"]}]`],
    ["are for another place", [entry({ locations: ["https://evil.example"] })]],
    ["state a sum as a number", [entry({ amount: { max: 5, currency: "USD" } })]],
    ["name no action", [entry({ actions: [] })]],
    ["are more than twenty", Array.from({ length: 21 }, (_, n) => entry({ actions: [`a:b${n}`] }))],
  ])("that %s are refused as such, recorded, whatever else is asked", async (_what, details) => {
    await give(LIMITS);
    const answer = await ask(details, "transactions:read");
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid_authorization_details" } });
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(await rowsOf()).toEqual([]);
    const [record] = await recordsOf(test.db, who.agent.id);
    expect(record).toMatchObject({
      ...{ kind: "token.refused", outcome: "deny" },
      body: { checks: [{ id: "invalid_authorization_details", passed: false }] },
    });
  });

  it("name no more scopes than one may ask for, counted with those of the parameter scope", async () => {
    const names = (letter: string, count: number) =>
      Array.from({ length: count }, (_, n) => `${letter}:s${n}`);
    const many = [entry({ actions: names("a", 30) })];
    expect(await ask(many, names("b", 3).join(" "))).toMatchObject({
      ...{ status: 400, body: { error: "invalid_scope" } },
    });
    expect((await ask(many, names("a", 30).join(" "))).body.refused).toHaveLength(30);
  });

  it("sent twice are refused, recorded", async () => {
    await give(LIMITS);
    const form = new URLSearchParams({
      ...{ grant_type: "client_credentials", scope: SCOPE },
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await assertionOf(who, server.env.enrolUrl),
    });
    for (const max of ["5000", "1"]) form.append("authorization_details", JSON.stringify([entry(usd(max))]));
    const answer = await server.post("/oauth/token", who.transport, form);
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    expect(await rowsOf()).toEqual([]);
    const [last] = await recordsOf(test.db, who.agent.id);
    expect(last).toMatchObject({ kind: "token.refused" });
  });

  it("that are an empty list ask for nothing more than without them", async () => {
    await give(LIMITS);
    const { body } = await ask([], SCOPE);
    expect(body).toMatchObject({ scope: SCOPE, authorization_details: [LIMITS] });
  });
});

it("a child's token carries what its parents' grants leave of its own, and ends with theirs", async () => {
  const parent = await makeAgent(test.db);
  const child = await makeAgent(test.db, { parentId: parent.id });
  who = await authority.enrol(child);
  const rest = await give({ ...usd("700.00"), resources: ["/accounts/*"] }, 3_600, parent.name);
  const own = await give(LIMITS);
  const { body } = await askToken(server, who, SCOPE);
  expect(body.authorization_details).toEqual([
    { type: "agent_action", actions: [SCOPE], grant_id: own, ...usd("700.00"), resources: LIMITS.resources },
  ]);
  const [row] = await rowsOf();
  expect(row).toMatchObject({ grantIds: [own], restsOn: [rest] });
  expect(await ask([entry(usd("700.01"))])).toMatchObject({
    body: { refused: [{ rule: "wider_than_granted" }] },
  });
});

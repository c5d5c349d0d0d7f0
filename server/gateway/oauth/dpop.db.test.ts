import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { calculateJwkThumbprint, decodeJwt, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessTokens } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { signRequest } from "../../kernel/http-signature.ts";
import { type System, startSystem } from "../testing/start-system.ts";
import { type Answer, connect, makeAgent, send, type TestAgent } from "../testing/test-agent.ts";
import { forger, postForm, tokenForm } from "./testing/token-client.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let jkt: string;
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const hashOf = (token: string) => createHash("sha256").update(token).digest("base64url");

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  agent = await makeAgent(system, "proving-1");
  jkt = await calculateJwkThumbprint(pair.publicKey.export({ format: "jwk" }) as JWK);
});
afterAll(async () => {
  await agent?.close();
  await system?.close();
  await database?.close();
});

type Pair = { privateKey: KeyObject; publicKey: KeyObject };
/** A proof by an independent library; `claims` alters it. */
function proof(uri: string, claims: Record<string, unknown> = {}, by: Pair = pair): Promise<string> {
  const whole = { jti: randomUUID(), htm: "POST", htu: uri, iat: Math.floor(Date.now() / 1000), ...claims };
  return new SignJWT(whole)
    .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk: by.publicKey.export({ format: "jwk" }) as JWK })
    .sign(by.privateKey);
}
const tokenUri = () => `${system.env.gatewayUrl}/oauth/token`;
const actionsUri = () => `${system.env.gatewayUrl}/v1/actions`;
const ask = async (dpop: string | null) =>
  postForm(system, agent, await tokenForm(system, agent), { headers: dpop ? { dpop } : {} });
const boundToken = async () => String((await ask(await proof(tokenUri()))).body.access_token);

/** A signed report with this token in this scheme, and this proof. */
async function report(token: string, scheme: string, dpop: string | null): Promise<Answer> {
  const body = Buffer.from(JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]));
  const headers = { authorization: `${scheme} ${token}`, "content-type": "application/json" };
  const { privateKey, keyId } = agent.credential("signature");
  const signed = signRequest(
    { method: "POST", targetUri: actionsUri(), headers, body },
    { privateKey, keyId, nonce: randomUUID(), created: new Date() },
  );
  const pool = connect(agent.rootPem, agent.credential("transport"));
  const answer = await send(pool, actionsUri(), {
    headers: { ...headers, ...signed, ...(dpop ? { dpop } : {}) },
    body,
  });
  pool.destroy();
  return answer;
}
const refusalOf = ({ status, body, headers }: Answer) => [
  status,
  body.error?.code,
  /^(\w+ error="\w+")/.exec(String(headers["www-authenticate"]))?.[1],
];

describe("a token request with a proof", () => {
  it("gets a token that is bound to the certificate and to the key, and says so everywhere", async () => {
    const answer = await ask(await proof(tokenUri()));
    expect(answer).toMatchObject({ status: 200, body: { token_type: "DPoP" } });
    const token = String(answer.body.access_token);
    const cnf = { "x5t#S256": agent.credential("transport").thumbprint, jkt };
    expect(decodeJwt(token).cnf).toEqual(cnf);
    const [row] = await system.db
      .select()
      .from(accessTokens)
      .where(eq(accessTokens.jti, decodeJwt(token).jti ?? ""));
    expect(row?.jkt).toBe(jkt);
    const form = new URLSearchParams({ token });
    const introspected = await postForm(system, agent, form, { path: "/oauth/introspect" });
    expect(introspected.body).toMatchObject({ active: true, token_type: "DPoP", cnf });
  });

  it("without one is as before", async () => {
    const answer = await ask(null);
    expect(answer).toMatchObject({ status: 200, body: { token_type: "Bearer" } });
    expect(decodeJwt(String(answer.body.access_token)).cnf).not.toHaveProperty("jkt");
  });

  it.each<[string, () => Promise<string>]>([
    ["for another address", () => proof(actionsUri())],
    ["for another method", () => proof(tokenUri(), { htm: "GET" })],
    ["that is too old", () => proof(tokenUri(), { iat: Math.floor(Date.now() / 1000) - 120 })],
    ["from the future", () => proof(tokenUri(), { iat: Math.floor(Date.now() / 1000) + 120 })],
    ["without an id", () => proof(tokenUri(), { jti: undefined })],
    ["that is none", async () => "nonsense"],
  ])("%s is refused as invalid_dpop_proof, and writes no token", async (_what, make) => {
    const before = await system.db.$count(accessTokens);
    expect(await ask(await make())).toMatchObject({ status: 400, body: { error: "invalid_dpop_proof" } });
    expect(await system.db.$count(accessTokens)).toBe(before);
  });

  it("uses its proof once: of twenty at once, one gets a token", async () => {
    const once = await proof(tokenUri());
    const before = await system.db.$count(accessTokens);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(once)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.error))).toEqual(
      new Set([undefined, "invalid_dpop_proof"]),
    );
    expect(await system.db.$count(accessTokens)).toBe(before + 1);
  });
});

describe("a request with a token that is bound to a key", () => {
  it("is admitted with a fresh proof each time", async () => {
    const token = await boundToken();
    for (let i = 0; i < 3; i++) {
      const answer = await report(token, "DPoP", await proof(actionsUri(), { ath: hashOf(token) }));
      expect([answer.status, answer.body.error]).toEqual([202, undefined]);
    }
  });

  it("is refused in the scheme Bearer, with a proof and without", async () => {
    const token = await boundToken();
    for (const dpop of [null, await proof(actionsUri(), { ath: hashOf(token) })])
      expect(refusalOf(await report(token, "Bearer", dpop))).toEqual([
        ...[401, "token_needs_proof", 'DPoP error="invalid_token"'],
      ]);
  });

  it.each<[string, string, (token: string) => Promise<string | null>]>([
    ["without a proof", "dpop-one", async () => null],
    ["with two", "dpop-one", async (token) => `${await proof(actionsUri(), { ath: hashOf(token) })}, x.y.z`],
    ["with one for another token", "dpop-token", () => proof(actionsUri(), { ath: hashOf("another") })],
    ["with one for no token", "dpop-token", () => proof(actionsUri())],
    ["with one for another address", "dpop-address", (token) => proof(tokenUri(), { ath: hashOf(token) })],
    [
      "with one by another key",
      "dpop-bound",
      (token) => proof(actionsUri(), { ath: hashOf(token) }, stranger),
    ],
    [
      "with one that is too old",
      "dpop-fresh",
      (token) => proof(actionsUri(), { ath: hashOf(token), iat: 1 }),
    ],
  ])("%s is refused as invalid_dpop_proof", async (_what, check, make) => {
    const token = await boundToken();
    const answer = await report(token, "DPoP", await make(token));
    expect(refusalOf(answer)).toEqual([401, "dpop_proof_invalid", 'DPoP error="invalid_dpop_proof"']);
    expect(answer.body.error?.facts).toEqual({ check });
  });

  it("is refused with a proof that was used before", async () => {
    const token = await boundToken();
    const once = await proof(actionsUri(), { ath: hashOf(token) });
    const answers = await Promise.all(Array.from({ length: 10 }, () => report(token, "DPoP", once)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 202);
    for (const answer of refused)
      expect(refusalOf(answer)).toEqual([401, "dpop_proof_replayed", 'DPoP error="invalid_dpop_proof"']);
  });

  it("tells a resource server that asks what it must see proved", async () => {
    const token = await boundToken();
    const resource = await makeAgent(system, "asking-1", [], { kind: "resource-server" });
    const pool = connect(agent.rootPem, resource.credential("transport"));
    const answer = await send(pool, `${system.env.gatewayUrl}/v1/decisions`, {
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify({ token, action: "transactions.read" })),
    });
    pool.destroy();
    await resource.close();
    expect(answer.body).toMatchObject({ outcome: "allow", jkt });
  });
});

it("a token that is bound to no key is refused in the scheme DPoP", async () => {
  const token = await (await forger(system)).forge(agent);
  const answer = await report(token, "DPoP", await proof(actionsUri(), { ath: hashOf(token) }));
  expect(refusalOf(answer)).toEqual([401, "token_without_key", 'Bearer error="invalid_token"']);
  expect((await report(token, "Bearer", null)).status).toBe(202);
});

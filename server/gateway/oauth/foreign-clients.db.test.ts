import https from "node:https";
import { exportJWK } from "jose";
import * as client from "openid-client";
import { Agent, fetch as fetchOver } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { transportAnchors } from "../../layers/identity/trust-bundle.ts";
import { type System, startSystem } from "../testing/start-system.ts";
import { connect, makeAgent, type TestAgent } from "../testing/test-agent.ts";
import { type ResourceServer, startResourceServer } from "./testing/resource-server.ts";
import { postForm, tokenForm } from "./testing/token-client.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let other: TestAgent;
const open: Agent[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  agent = await makeAgent(system, "foreign-1", ["transactions:read", "transactions:analyze"]);
  other = await makeAgent(system, "foreign-2");
});
afterEach(async () => {
  for (const dispatcher of open.splice(0)) await dispatcher.close();
});
afterAll(async () => {
  await agent?.close();
  await other?.close();
  await system?.close();
  await database?.close();
});

/** `openid-client`, as its own documentation configures it, over the agent's transport certificate. */
async function openidClient(who: TestAgent, over = who.credential("transport")) {
  const dispatcher = new Agent({
    connect: { ca: who.rootPem, key: over.keyPem, cert: over.certificatePem },
  });
  open.push(dispatcher);
  const fetchThere = ((url: string, options: object) =>
    fetchOver(url, { ...options, dispatcher })) as unknown as client.CustomFetch;
  const oauth = who.credential("oauth");
  const key = await crypto.subtle.importKey(
    "jwk",
    (await exportJWK(oauth.privateKey)) as JsonWebKey,
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["sign"],
  );
  return client.discovery(
    new URL(system.env.enrolUrl),
    who.did,
    { use_mtls_endpoint_aliases: true, token_endpoint_auth_method: "private_key_jwt" },
    client.PrivateKeyJwt({ key, kid: oauth.keyId }),
    { algorithm: "oauth2", [client.customFetch]: fetchThere },
  );
}

describe("openid-client, which is not ours", () => {
  it("finds the server by RFC 8414 from its issuer, gets a bound token, asks about it and gives it back", async () => {
    const config = await openidClient(agent);
    expect(config.serverMetadata()).toMatchObject({
      issuer: system.env.enrolUrl,
      tls_client_certificate_bound_access_tokens: true,
    });
    const answer = await client.clientCredentialsGrant(config, { scope: "transactions:read" });
    expect(answer).toMatchObject({ token_type: "bearer", scope: "transactions:read" });
    const state = await client.tokenIntrospection(config, answer.access_token);
    expect(state).toMatchObject({
      active: true,
      client_id: agent.did,
      cnf: { "x5t#S256": agent.credential("transport").thumbprint },
    });
    await client.tokenRevocation(config, answer.access_token);
    expect(await client.tokenIntrospection(config, answer.access_token)).toEqual({ active: false });
  });

  it("gets a token that is bound to its certificate and its key where it sends a proof (RFC 9449)", async () => {
    const config = await openidClient(agent);
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
    const answer = await client.clientCredentialsGrant(config, { scope: "transactions:read" }, { DPoP });
    expect(answer.token_type).toBe("dpop");
    expect(await client.tokenIntrospection(config, answer.access_token)).toMatchObject({
      active: true,
      cnf: {
        "x5t#S256": agent.credential("transport").thumbprint,
        jkt: await DPoP.calculateThumbprint(),
      },
    });
  });

  it("is told in the standard's words what it may not have", async () => {
    const config = await openidClient(agent);
    await expect(client.clientCredentialsGrant(config, { scope: "payments:execute" })).rejects.toMatchObject({
      error: "invalid_scope",
      status: 400,
    });
    const stolen = await openidClient(agent, other.credential("transport"));
    await expect(client.clientCredentialsGrant(stolen)).rejects.toMatchObject({
      error: "invalid_client",
      status: 401,
    });
  });
});

describe("a resource server of jose and node:https", () => {
  let resource: ResourceServer;
  beforeAll(async () => {
    // Any certificate will do for its own name: what is tested is whom it believes.
    const { keyPem: key, certificatePem: cert } = other.credential("transport");
    resource = await startResourceServer({
      ...{
        tls: { key, cert },
        ca: await transportAnchors(system.db),
        issuer: system.env.enrolUrl,
        audience: system.env.gatewayUrl,
      },
      ...{ jwksUri: `${system.env.enrolUrl}/.well-known/jwks.json`, jwksCa: agent.rootPem },
    });
  });
  afterAll(() => resource?.close());

  const tokenOf = async (scope: string) =>
    String((await postForm(system, agent, await tokenForm(system, agent, { scope }))).body.access_token);
  const visit = (token: string, over: { keyPem: string; certificatePem: string } | null, path = "/balance") =>
    new Promise<{ status: number | undefined; challenge: string | undefined }>((resolve, reject) => {
      const pool = connect(agent.rootPem, over);
      https
        .get(
          resource.url + path,
          {
            ...{
              agent: pool,
              key: over?.keyPem,
              cert: over?.certificatePem,
              headers: { authorization: `Bearer ${token}` },
            },
            // Its certificate names an agent, not this host.
            checkServerIdentity: () => undefined,
          },
          (answer) => {
            answer.resume().on("end", () => {
              pool.destroy();
              resolve({ status: answer.statusCode, challenge: answer.headers["www-authenticate"] });
            });
          },
        )
        .on("error", reject);
    });

  it("accepts the token over the certificate that it is bound to", async () => {
    expect(await visit(await tokenOf("transactions:read"), agent.credential("transport"))).toEqual({
      status: 200,
      challenge: undefined,
    });
  });

  it("refuses it with 401 invalid_token over another certificate, another purpose's, and none", async () => {
    const token = await tokenOf("transactions:read");
    for (const over of [other.credential("transport"), agent.credential("oauth"), null])
      expect(await visit(token, over)).toEqual({
        status: 401,
        challenge: expect.stringMatching(/^Bearer error="invalid_token", error_description="[^"]+"$/),
      });
  });

  it("refuses what the token's scope does not cover with 403 insufficient_scope", async () => {
    const answer = await visit(
      await tokenOf("transactions:read"),
      agent.credential("transport"),
      "/payments",
    );
    expect(answer).toMatchObject({ status: 403, challenge: expect.stringContaining("insufficient_scope") });
  });
});

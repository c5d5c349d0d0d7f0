import { X509Certificate } from "node:crypto";
import https from "node:https";
import { desc, eq } from "drizzle-orm";
import * as client from "openid-client";
import { Agent, fetch as fetchOver } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessTokens, auditRecords, credentials } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { ClientAuthMethod } from "../../layers/authorization/policy-schema.ts";
import { writePolicy } from "../../layers/authorization/testing/write-policy.ts";
import { uriNames } from "../../layers/identity/engine/uri-names.ts";
import { type System, startSystem } from "../testing/start-system.ts";
import { makeAgent, send, type TestAgent } from "../testing/test-agent.ts";
import { assertionBy, postForm, tokenForm } from "./testing/token-client.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let other: TestAgent;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  agent = await makeAgent(system, "by-certificate-1");
  other = await makeAgent(system, "by-certificate-2");
});
afterAll(async () => {
  await agent?.close();
  await other?.close();
  await system?.close();
  await database?.close();
});

const allow = (...clientAuth: ClientAuthMethod[]) => writePolicy(system.db, () => ({ clientAuth }));
const bare = (clientId: string) =>
  new URLSearchParams({ grant_type: "client_credentials", client_id: clientId });
const methods = async () => {
  const pool = new https.Agent({ ca: agent.rootPem, servername: "localhost" });
  const url = `${system.env.enrolUrl}/.well-known/oauth-authorization-server`;
  const answer = await send(pool, url, { method: "GET" });
  pool.destroy();
  return (answer.body as unknown as Record<string, unknown>).token_endpoint_auth_methods_supported;
};
const newestRecord = async (who: TestAgent) => {
  const rows = await system.db
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.agentId, who.id))
    .orderBy(desc(auditRecords.ord));
  const row = rows.find(({ kind }) => kind.startsWith("token."));
  return { kind: row?.kind, body: JSON.parse(row?.body.toString("utf8") ?? "{}") };
};

describe("an agent that proves itself by its certificate alone", () => {
  it("is told that the policy does not allow it, and the metadata does not offer it", async () => {
    expect(await methods()).toEqual(["private_key_jwt"]);
    const answer = await postForm(system, agent, bare(agent.did));
    expect(answer).toMatchObject({
      status: 401,
      body: {
        error: "invalid_client",
        error_description: "The policy does not allow tls_client_auth. Authenticate with private_key_jwt.",
      },
    });
    expect(await newestRecord(agent)).toMatchObject({
      kind: "token.refused",
      body: {
        checks: [{ id: "invalid_client", passed: false, detail: expect.stringContaining("tls_client_auth") }],
      },
    });
  });

  it("gets a token from the very request after the policy allows it, bound as any other", async () => {
    await allow("private_key_jwt", "tls_client_auth");
    expect(await methods()).toEqual(["private_key_jwt", "tls_client_auth"]);
    const answer = await postForm(system, agent, bare(agent.did));
    expect(answer).toMatchObject({ status: 200, body: { token_type: "Bearer" } });
    const [, payload = ""] = String(answer.body.access_token).split(".");
    expect(JSON.parse(Buffer.from(payload, "base64url").toString("utf8"))).toMatchObject({
      ...{ sub: agent.did, client_id: agent.did },
      cnf: { "x5t#S256": agent.credential("transport").thumbprint },
    });
    expect(await newestRecord(agent)).toMatchObject({
      kind: "token.issued",
      body: { details: { clientAuth: "tls_client_auth" } },
    });
    expect((await postForm(system, agent, await tokenForm(system, agent))).status).toBe(200);
    expect(await newestRecord(agent)).toMatchObject({ body: { details: { clientAuth: "private_key_jwt" } } });
  });

  it("is served through openid-client, which sends nothing but its client_id then", async () => {
    const { keyPem: key, certificatePem: cert } = agent.credential("transport");
    const dispatcher = new Agent({ connect: { ca: agent.rootPem, key, cert } });
    const config = await client.discovery(
      new URL(system.env.enrolUrl),
      agent.did,
      { use_mtls_endpoint_aliases: true },
      client.TlsClientAuth(),
      {
        algorithm: "oauth2",
        [client.customFetch]: ((url: string, options: object) =>
          fetchOver(url, { ...options, dispatcher })) as unknown as client.CustomFetch,
      },
    );
    expect(await client.clientCredentialsGrant(config)).toMatchObject({ token_type: "bearer" });
    await dispatcher.close();
  });

  it("gets nothing in another agent's name, nor in a name that nobody has", async () => {
    const spellings = [
      other.did,
      agent.did.toUpperCase(),
      `${agent.did} `,
      `${agent.did}x`,
      "spiffe://bank/agent/by-certificate-1",
    ];
    for (const did of spellings) {
      const answer = await postForm(system, agent, bare(did));
      expect([did, answer.status, answer.body.error]).toEqual([did, 401, "invalid_client"]);
    }
    expect(await system.db.select().from(accessTokens).where(eq(accessTokens.agentId, other.id))).toEqual([]);
  });

  it("gets nothing where a broken assertion stands beside it: the assertion is what counts then", async () => {
    const form = bare(agent.did);
    form.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    for (const broken of [
      "a.b.c",
      await assertionBy(system, other),
      await assertionBy(system, agent, { exp: 1 }),
    ]) {
      form.set("client_assertion", broken);
      expect((await postForm(system, agent, form)).status).toBeGreaterThanOrEqual(400);
    }
    // A parameter without a value was not sent (RFC 6749 §3.2).
    form.set("client_assertion", "");
    expect((await postForm(system, agent, form)).status).toBe(200);
  });

  it("gets nothing once its certificate is revoked", async () => {
    const third = await makeAgent(system, "by-certificate-3");
    expect((await postForm(system, third, bare(third.did))).status).toBe(200);
    const { thumbprint } = third.credential("transport");
    await system.db
      .update(credentials)
      .set({ status: "revoked", revokedAt: new Date() })
      .where(eq(credentials.thumbprint, thumbprint));
    const answer = await postForm(system, third, bare(third.did)).catch(() => null);
    expect(answer?.status ?? 401).toBe(401);
    await third.close();
  });

  it("is the only one to get one where the policy allows nothing else, and is refused again when it is taken back", async () => {
    await allow("tls_client_auth");
    expect((await postForm(system, agent, bare(agent.did))).status).toBe(200);
    expect(await postForm(system, agent, await tokenForm(system, agent))).toMatchObject({
      status: 401,
      body: { error_description: expect.stringContaining("does not allow private_key_jwt") },
    });
    await allow("private_key_jwt");
    expect((await postForm(system, agent, bare(agent.did))).status).toBe(401);
  });
});

it("names are compared as they stand in the certificate, not in a text that lists them", async () => {
  const { raw } = new X509Certificate(agent.credential("transport").certificatePem);
  expect(uriNames(new Uint8Array(raw))).toEqual([`spiffe://bank/agent/${agent.name}`]);
  const trap = await import("@peculiar/x509");
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const disguised = await trap.X509CertificateGenerator.createSelfSigned({
    ...{ name: "CN=x", keys, signingAlgorithm: { name: "ECDSA", hash: "SHA-256" } },
    extensions: [
      new trap.SubjectAlternativeNameExtension([
        { type: "dns", value: `a, URI:spiffe://bank/agent/${agent.name}` },
        { type: "url", value: `spiffe://evil/x, URI:spiffe://bank/agent/${agent.name}` },
      ]),
    ],
  });
  expect(uriNames(new Uint8Array(disguised.rawData))).toEqual([
    `spiffe://evil/x, URI:spiffe://bank/agent/${agent.name}`,
  ]);
});

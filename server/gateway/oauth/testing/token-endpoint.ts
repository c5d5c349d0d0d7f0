import "reflect-metadata";
import { randomBytes, randomUUID, webcrypto } from "node:crypto";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import * as x509 from "@peculiar/x509";
import Fastify, { type FastifyInstance } from "fastify";
import { calculateJwkThumbprint, exportJWK, SignJWT } from "jose";
import pino from "pino";
import type { Database } from "../../../../db/client.ts";
import { authorities, credentials } from "../../../../db/schema/index.ts";
import { base64url, sha256 } from "../../../kernel/hash.ts";
import { uuidv7 } from "../../../kernel/ids.ts";
import { createKeyStore, type KeyStore } from "../../../keys/key-store.ts";
import type { AgentRow } from "../../../layers/authorization/store.ts";
import { NOW } from "../../../layers/authorization/testing/people-and-agents.ts";
import { registerOauthRoutes } from "../routes.ts";
import { openTokenKeys } from "../token-keys.ts";

x509.cryptoProvider.set(webcrypto as Crypto);
const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export type TestAgent = {
  agent: AgentRow;
  transport: { key: string; cert: string; thumbprint: string };
  oauth: CryptoKey;
  oauthKeyId: string;
};
export type Answer = { status: number; headers: Record<string, unknown>; body: Record<string, unknown> };

/** A small authority of the test, and agents whose certificates it signed. */
export async function createTestAuthority(db: Database) {
  const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const span = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=test",
    keys,
    ...span,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  const authorityId = uuidv7(NOW.getTime());
  await db.insert(authorities).values({
    ...{ id: authorityId, purpose: "transport", certificatePem: root.toString("pem"), keyName: "ca:test" },
    ...{ ...span, createdAt: NOW },
  });

  async function issue(commonName: string, notAfter = span.notAfter) {
    const leafKeys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.create({
      ...{ subject: `CN=${commonName}`, issuer: root.subject, signingKey: keys.privateKey },
      ...{ publicKey: leafKeys.publicKey, notBefore: span.notBefore, notAfter },
      serialNumber: randomBytes(8).toString("hex"),
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
    });
    const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", leafKeys.privateKey)).toString("base64");
    return {
      key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----`,
      cert: certificate.toString("pem"),
      thumbprint: base64url(sha256(Buffer.from(certificate.rawData))),
      publicJwk: await exportJWK(leafKeys.publicKey),
      notAfter,
    };
  }

  async function credential(
    agent: AgentRow,
    purpose: string,
    jwk: object,
    thumbprint: string,
    notAfter: Date,
  ) {
    const keyId = await calculateJwkThumbprint(jwk as never);
    await db.insert(credentials).values({
      ...{
        id: uuidv7(Date.now()),
        agentId: agent.id,
        purpose,
        authorityId,
        serial: randomUUID(),
        thumbprint,
      },
      ...{ keyId, publicJwk: jwk, certificatePem: "", notBefore: span.notBefore, notAfter, issuedAt: NOW },
    });
    return keyId;
  }

  return {
    rootPem: root.toString("pem"),
    issue,
    async enrol(agent: AgentRow, transportNotAfter?: Date): Promise<TestAgent> {
      const transport = await issue(agent.name, transportNotAfter);
      await credential(agent, "transport", transport.publicJwk, transport.thumbprint, transport.notAfter);
      const oauth = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
      const jwk = await exportJWK(oauth.publicKey);
      const oauthKeyId = await credential(agent, "oauth", jwk, randomUUID(), span.notAfter);
      return { agent, transport, oauth: oauth.privateKey, oauthKeyId };
    },
  };
}
export type TestAuthority = Awaited<ReturnType<typeof createTestAuthority>>;

/** The authorization server behind a real mutual TLS socket on loopback. */
export async function startTokenServer(db: Database, authority: TestAuthority) {
  const door = await authority.issue("localhost");
  const app: FastifyInstance = Fastify({
    https: {
      ...{ key: door.key, cert: door.cert, ca: [authority.rootPem], minVersion: "TLSv1.3" },
      ...{ requestCert: true, rejectUnauthorized: true },
    },
    logger: false,
  }) as unknown as FastifyInstance;
  const env = { enrolUrl: "https://localhost:8444", gatewayUrl: "https://localhost:8443" };
  const keys: KeyStore = createKeyStore(db, "gateway", randomBytes(32));
  const log = pino({ level: "silent" });
  const tokenKeys = await openTokenKeys({ db, keys, log, clock: () => new Date() });
  await registerOauthRoutes(app, { db, env, tokenKeys, log });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;

  function post(
    path: string,
    by: { key: string; cert: string } | null,
    form: URLSearchParams,
    headers: object = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const call = request(
        {
          ...{ host: "127.0.0.1", port, path, method: "POST", agent: false, ca: authority.rootPem },
          ...{ servername: "localhost", key: by?.key, cert: by?.cert },
          headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            const body = text ? (JSON.parse(text) as Record<string, unknown>) : {};
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
          });
        },
      );
      call.on("error", reject);
      call.end(form.toString());
    });
  }

  return { app, env, tokenKeys, post, close: () => app.close() };
}
export type TokenServer = Awaited<ReturnType<typeof startTokenServer>>;

/** A client assertion (RFC 7523) by the agent's OAuth key; `claims` overrides what it says. */
export async function assertionOf(
  who: TestAgent,
  audience: string,
  claims: Record<string, unknown> = {},
  alg = "EdDSA",
): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  return new SignJWT({
    ...{ iss: who.agent.did, sub: who.agent.did, aud: audience, jti: randomUUID() },
    ...{ iat: seconds, exp: seconds + 60, ...claims },
  })
    .setProtectedHeader({ alg, kid: who.oauthKeyId })
    .sign(who.oauth);
}

/** Asks for a token as an agent does; `extra` adds or replaces form parameters. */
export async function askToken(
  server: TokenServer,
  who: TestAgent,
  scopes: string,
  extra: Record<string, string> = {},
  over: { key: string; cert: string } = who.transport,
): Promise<Answer> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    scope: scopes,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: extra.client_assertion ?? (await assertionOf(who, server.env.enrolUrl)),
  });
  for (const [name, value] of Object.entries(extra)) form.set(name, value);
  return server.post("/oauth/token", over, form);
}

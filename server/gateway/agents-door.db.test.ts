import { createPublicKey, generateKeyPairSync, KeyObject, verify } from "node:crypto";
import https from "node:https";
import { sql } from "drizzle-orm";
import { SignJWT } from "jose";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { type Answer, connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let other: TestAgent;
let open: https.Agent;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  agent = await makeAgent(system, "fraud-1");
  other = await makeAgent(system, "fraud-2");
  open = connect(agent.rootPem, agent.credential("transport"));
  url = `${system.env.gatewayUrl}/v1/actions`;
});
afterAll(async () => {
  await agent?.close();
  await other?.close();
  await system?.close();
  await database?.close();
});

const reading = (more: object = {}) => ({
  action: "transactions.read",
  at: new Date().toISOString(),
  ...more,
});
const bodyOf = (...actions: object[]) => JSON.stringify(actions.length > 0 ? actions : [reading()]);
const report = async (body: string, options = {}) => send(open, url, await agent.sign(body, options));
const codeOf = ({ status, body }: Answer) => [status, body.error?.code];

type RecordRow = { id: string; outcome: string; body: Buffer; digest: Buffer };
async function recordsOf(who: TestAgent): Promise<(RecordRow & { told: Record<string, never> })[]> {
  const { rows } = await system.db.execute<RecordRow>(
    sql`select id, outcome, body, digest from audit_records where agent_id = ${who.id} and kind = 'agent.actions' order by ord`,
  );
  return rows.map((row) => ({ ...row, told: JSON.parse(row.body.toString("utf8")) }));
}
const newest = async (who = agent) =>
  (await recordsOf(who)).at(-1)?.told as unknown as {
    outcome: string;
    details: { code?: string };
    checks: { id: string; passed: boolean }[];
    request?: { count: number; admitted: number; nonce: string };
  };

describe("an admitted action", () => {
  it("is durable with its payload, its nonce, its window and its search keys when the answer comes", async () => {
    const answer = await report(
      bodyOf(reading({ transactionId: "tx-77", subjects: ["customer-9"], bytes: 10 })),
    );
    expect(answer).toMatchObject({ status: 202, body: { admitted: 1, refused: [] } });
    const claims = JSON.parse(
      Buffer.from((answer.body.receipt ?? "").split(".")[1] ?? "", "base64url").toString("utf8"),
    ) as { recordId: string; recordDigest: string };
    const { rows } = await system.db.execute<Record<string, unknown>>(sql`
      select r.digest, p.signature_base, p.encoding, p.bytes, n.status, n.answer,
        (select count(*)::int from audit_index i where i.record_id = r.id) as keys,
        (select count(*)::int from window_deltas d where d.agent_id = r.agent_id) as deltas
      from audit_records r join audit_payloads p on p.record_id = r.id
      join request_nonces n on n.agent_id = r.agent_id and n.answer->>'receipt' = ${answer.body.receipt}
      where r.id = ${claims.recordId}`);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ status: 202, answer: answer.body, keys: 2 });
    expect(rows[0]?.deltas).toBeGreaterThan(0);
    const digest = rows[0]?.digest as Buffer | undefined;
    expect(`sha256:${digest?.toString("hex")}`).toBe(claims.recordDigest);
  });

  it("comes with a receipt that verifies with the published receipt key, and with no other", async () => {
    const { receipt = "" } = (await report(bodyOf())).body;
    const [header = "", payload = "", signature = ""] = receipt.split(".");
    const { kid, typ } = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
    expect(typ).toBe("vigil-receipt");
    const { rows } = await system.db.execute<{ public_jwk: object }>(
      sql`select public_jwk from audit_keys where key_id = ${kid} and purpose = 'receipt'`,
    );
    const key = createPublicKey({ key: rows[0]?.public_jwk as never, format: "jwk" });
    const genuine = (text: string) =>
      verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url"));
    expect(genuine(`${header}.${payload}`)).toBe(true);
    expect(genuine(`${header}.${payload.slice(0, -1)}A`)).toBe(false);
  });

  it("makes an enrolled agent active, and says when it was last seen", async () => {
    await vi.waitFor(async () => {
      const { rows } = await system.db.execute(
        sql`select status, last_seen_at from agents where id = ${agent.id}`,
      );
      expect(rows[0]).toMatchObject({ status: "active", last_seen_at: expect.anything() });
    }, 10_000);
  });
});

describe("callers who prove nothing are refused at the handshake, and counted", () => {
  const handshake = (credential: { keyPem: string; certificatePem: string } | null) =>
    send(connect(agent.rootPem, credential), url, { body: Buffer.from("[]"), headers: {} }).then(
      ({ status }) => `answered ${status}`,
      (error: NodeJS.ErrnoException) => error.code,
    );
  const alert = /^(ERR_SSL|ECONNRESET|EPIPE)/;

  it("without a certificate", async () => {
    expect(await handshake(null)).toMatch(alert);
  });
  it("with a certificate of another purpose of the same agent", async () => {
    for (const purpose of ["oauth", "callback", "encryption", "signature"] as const)
      expect(await handshake(agent.credential(purpose))).toMatch(alert);
  });
  it("with a certificate of another authority", async () => {
    expect(await handshake(await foreignCertificate())).toMatch(alert);
  });
  it("with TLS 1.2", async () => {
    const old = new https.Agent({
      ca: agent.rootPem,
      maxVersion: "TLSv1.2",
      cert: agent.credential("transport").certificatePem,
      key: agent.credential("transport").keyPem,
    });
    await expect(send(old, url, { headers: {}, body: Buffer.from("[]") })).rejects.toMatchObject({
      code: expect.stringMatching(/^(ERR_SSL|ECONNRESET|EPROTO)/),
    });
  });
});

describe("a connected agent is refused precisely, and the refusal recorded", () => {
  it("for a token of another agent", async () => {
    const { token } = await other.token();
    expect(codeOf(await report(bodyOf(), { token }))).toEqual([401, "token_foreign"]);
    expect(await newest()).toMatchObject({ outcome: "deny", details: { code: "token_foreign" } });
  });

  it("for a token that nobody of ours signed, one without a signature, and one that is none", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const forged = await new SignJWT({ scope: "transactions:read", client_id: agent.did })
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt" })
      .setIssuer(system.env.enrolUrl)
      .setAudience(system.env.gatewayUrl)
      .setSubject(agent.did)
      .setJti("forged")
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(privateKey);
    const [, claims] = forged.split(".");
    const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url")}.${claims}.`;
    for (const token of [forged, none, "nonsense"])
      expect(codeOf(await report(bodyOf(), { token }))).toEqual([401, "token_invalid"]);
  });

  it("for a token that has expired", async () => {
    const later = new Date(Date.now() + 3_601_000);
    const { createTokenVerifier } = await import("./verify-token.ts");
    const { openTokenKeys } = await import("./oauth/token-keys.ts");
    const { createKeyStore } = await import("../keys/key-store.ts");
    const { roleKekFromEnv } = await import("../keys/role-kek.ts");
    const store = createKeyStore(system.db, "gateway", roleKekFromEnv(system.env, "gateway"));
    const keys = await openTokenKeys({
      db: system.db,
      keys: store,
      log: pino({ level: "silent" }),
      clock: () => new Date(),
    });
    const verifyToken = createTokenVerifier({
      issuer: system.env.enrolUrl,
      audience: system.env.gatewayUrl,
      keys,
    });
    const { token } = await agent.token();
    await expect(verifyToken(token, new Date())).resolves.toMatchObject({ subject: agent.did });
    await expect(verifyToken(token, later)).rejects.toMatchObject({ code: "token_expired", status: 401 });
  });

  it("for a body that was altered on its way", async () => {
    const request = await agent.sign(bodyOf());
    const body = Buffer.from(request.body.toString("utf8").replace("read", "reed"));
    expect(codeOf(await send(open, url, { ...request, body }))).toEqual([401, "signature_invalid"]);
    expect(await newest()).toMatchObject({ outcome: "deny", details: { code: "signature_invalid" } });
    expect((await newest()).checks.at(-1)).toMatchObject({ id: "signature_invalid", passed: false });
  });

  it("for a signature by another agent's key, and by its own key of another purpose", async () => {
    expect(codeOf(await report(bodyOf(), { signAs: other.credential("signature") }))).toEqual([
      401,
      "signature_key_unknown",
    ]);
    expect(codeOf(await report(bodyOf(), { signAs: agent.credential("oauth") }))).toEqual([
      401,
      "signature_key_unknown",
    ]);
  });

  it("for a signature that was made too long ago", async () => {
    const created = new Date(Date.now() - 61_000);
    expect(codeOf(await report(bodyOf(), { created }))).toEqual([401, "signature_invalid"]);
  });

  it("for a host that is not this gateway's", async () => {
    const request = await agent.sign(bodyOf());
    const headers = { ...request.headers, host: "evil.example" };
    expect(codeOf(await send(open, url, { ...request, headers }))).toEqual([421, "misdirected"]);
  });

  it.each([
    ["malformed JSON", () => "[{", 400, "malformed_json"],
    ["an empty body", () => "", 400, "malformed_json"],
    ["1,001 actions", () => bodyOf(...Array<object>(1_001).fill(reading())), 400, "too_many_actions"],
    [
      "a scope it does not have",
      () => bodyOf(reading({ action: "payments.execute" })),
      403,
      "insufficient_scope",
    ],
    [
      "a time far ahead",
      () => bodyOf(reading({ at: new Date(Date.now() + 86_400_000).toISOString() })),
      403,
      "at_in_future",
    ],
  ])("for %s", async (_, body, status, code) => {
    const before = (await recordsOf(agent)).length;
    expect(codeOf(await report(body()))).toEqual([status, code]);
    expect(await recordsOf(agent)).toHaveLength(before + 1);
    expect(await newest()).toMatchObject({ outcome: "deny", request: { admitted: 0 } });
  });

  it("for a body of 10 MB, in words, on a connection that goes on working", async () => {
    const one = connect(agent.rootPem, agent.credential("transport"));
    const answer = await send(one, url, await agent.sign(Buffer.alloc(10 * 1024 * 1024, 0x20)));
    expect(codeOf(answer)).toEqual([413, "body_too_large"]);
    expect(answer.body.error?.facts).toEqual({ bytes: 10_485_760, bytesMax: 2_097_152 });
    expect((await send(one, url, await agent.sign(bodyOf()))).status).toBe(202);
  });

  it("for content that is not JSON, and for what is not there", async () => {
    expect(codeOf(await report(bodyOf(), { contentType: "text/plain" }))).toEqual([
      415,
      "unsupported_media_type",
    ]);
    const nowhere = await send(open, `${system.env.gatewayUrl}/v2/actions`, { headers: {} });
    expect(codeOf(nowhere)).toEqual([404, "not_found"]);
    expect(nowhere.headers).not.toHaveProperty("x-powered-by");
  });
});

async function foreignCertificate(): Promise<{ keyPem: string; certificatePem: string }> {
  await import("reflect-metadata");
  const { X509CertificateGenerator } = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
  const pair = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  const made = await X509CertificateGenerator.createSelfSigned({
    name: "CN=fraud-1",
    keys: pair,
    signingAlgorithm: algorithm,
  });
  return {
    keyPem: KeyObject.from(pair.privateKey).export({ format: "pem", type: "pkcs8" }).toString(),
    certificatePem: made.toString("pem"),
  };
}

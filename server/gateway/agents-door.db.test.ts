import { createPublicKey, generateKeyPairSync, KeyObject, verify } from "node:crypto";
import https from "node:https";
import { sql } from "drizzle-orm";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { revokeCredential } from "../layers/identity/revoke-credential.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { type Answer, connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let other: TestAgent;
let open: https.Agent;
let url: string;
const admin = {
  type: "operator" as const,
  id: "admin",
  email: "admin@bank",
  roles: ["admin"],
  sessionId: null,
};

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
    const { jwks } = await import("./oauth/jwks.ts");
    const { createKeyStore } = await import("../keys/key-store.ts");
    const { roleKekFromEnv } = await import("../keys/role-kek.ts");
    const keys = await jwks(
      createKeyStore(system.db, "gateway", roleKekFromEnv(system.env, "gateway")),
      later,
    );
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

describe("a nonce is one request, whoever decides", () => {
  it("the same signed request again gets the first receipt, and leaves one record", async () => {
    const request = await agent.sign(bodyOf());
    const first = await send(open, url, request);
    const before = (await recordsOf(agent)).length;
    const again = await send(open, url, request);
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect(await recordsOf(agent)).toHaveLength(before);
  });

  it("fifty at once: one record, one receipt", async () => {
    const before = (await recordsOf(agent)).length;
    const request = await agent.sign(bodyOf());
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(open, url, request)));
    expect(new Set(answers.map((it) => it.body.receipt)).size).toBe(1);
    expect(new Set(answers.map((it) => it.status))).toEqual(new Set([202]));
    expect(await recordsOf(agent)).toHaveLength(before + 1);
  });

  it("two different requests with one nonce at once: one is admitted, the other refused", async () => {
    const nonce = "the-same-nonce-for-two";
    const two = [bodyOf(), bodyOf(reading({ bytes: 5 }))].map((body) => agent.sign(body, { nonce }));
    const answers = await Promise.all((await Promise.all(two)).map((request) => send(open, url, request)));
    expect(answers.map((it) => it.status).sort()).toEqual([202, 409]);
    expect(answers.find((it) => it.status === 409)?.body.error?.code).toBe("nonce_reused");
    expect(await newest()).toMatchObject({ outcome: "deny", details: { code: "nonce_reused" } });
  });

  it("two agents may use the same nonce", async () => {
    const nonce = "one-nonce-two-agents";
    const theirs = connect(other.rootPem, other.credential("transport"));
    expect((await report(bodyOf(), { nonce })).status).toBe(202);
    expect((await send(theirs, url, await other.sign(bodyOf(), { nonce }))).status).toBe(202);
  });
});

describe("nobody can fill the log", () => {
  it("a flood of bad signatures leaves a few records and one aggregated count", async () => {
    const noisy = await makeAgent(system, "noisy");
    const theirs = connect(noisy.rootPem, noisy.credential("transport"));
    const request = await noisy.sign(bodyOf());
    const body = Buffer.from("[]");
    for (let i = 0; i < 60; i++) expect((await send(theirs, url, { ...request, body })).status).toBe(401);
    expect((await recordsOf(noisy)).length).toBeLessThanOrEqual(10);
    await vi.waitFor(async () => {
      const { rows } = await system.db.execute<{ body: Buffer }>(
        sql`select body from audit_records where kind = 'denials.aggregated'`,
      );
      const counts = rows.flatMap((row) => JSON.parse(row.body.toString("utf8")).details.counts) as {
        agent: string | null;
        code: string;
        count: number;
      }[];
      const counted = counts.filter((it) => it.agent === noisy.did).reduce((sum, it) => sum + it.count, 0);
      expect(counted + (await recordsOf(noisy)).length).toBe(60);
      expect(counts.some((it) => it.agent === null && it.code.startsWith("ERR_SSL"))).toBe(true);
    }, 15_000);
    await noisy.close();
  });
});

describe("what takes rights away works on connections that are open", () => {
  it("isolation cuts an agent's pooled connections, refuses the next request, and is confirmed", async () => {
    const bad = await makeAgent(system, "bad-agent");
    const pooled = connect(bad.rootPem, bad.credential("transport"));
    expect((await send(pooled, url, await bad.sign(bodyOf()))).status).toBe(202);
    const next = await bad.sign(bodyOf());
    const cut = new Promise((resolve) => {
      for (const socket of Object.values(pooled.freeSockets).flat()) socket?.once("close", resolve);
    });
    await system.db.execute(sql`
      insert into isolation_states (agent_id, state, epoch, reason, changed_at, changed_by)
      values (${bad.id}, 'deny_all', 7, 'test', now(), 'test')`);
    await system.db.execute(sql`select pg_notify('vigil', ${`isolation:${bad.id}`})`);
    await cut;
    expect(codeOf(await send(pooled, url, next))).toEqual([403, "agent_isolated"]);
    await vi.waitFor(async () => {
      const { rows } = await system.db.execute<{ epoch: number; connections_cut: number }>(
        sql`select epoch, connections_cut, gateway_id from isolation_confirmations where agent_id = ${bad.id}`,
      );
      expect(rows).toMatchObject([{ epoch: 7, gateway_id: system.gateway.gatewayId }]);
      expect(rows[0]?.connections_cut).toBeGreaterThanOrEqual(1);
    });
    await bad.close();
  });

  it("isolation that nobody announced is found within two seconds", async () => {
    const quiet = await makeAgent(system, "quiet-agent");
    const pooled = connect(quiet.rootPem, quiet.credential("transport"));
    expect((await send(pooled, url, await quiet.sign(bodyOf()))).status).toBe(202);
    await system.db.execute(sql`
      insert into isolation_states (agent_id, state, epoch, reason, changed_at, changed_by)
      values (${quiet.id}, 'deny_all', 1, 'test', now(), 'test')`);
    await vi.waitFor(
      async () => expect(codeOf(await send(pooled, url, await quiet.sign(bodyOf())))[0]).toBe(403),
      { timeout: 3_000, interval: 100 },
    );
    await quiet.close();
  });

  it("a revoked certificate is cut and refused, its agent's others not", async () => {
    const agentToRevoke = await makeAgent(system, "revoked-agent");
    const pooled = connect(agentToRevoke.rootPem, agentToRevoke.credential("transport"));
    const next = await agentToRevoke.sign(bodyOf());
    expect((await send(pooled, url, await agentToRevoke.sign(bodyOf()))).status).toBe(202);
    const { rows } = await system.db.execute<{ id: string }>(sql`
      select id from credentials where agent_id = ${agentToRevoke.id} and purpose = 'transport'`);
    await system.db.transaction((tx) =>
      revokeCredential(tx, {
        credentialId: rows[0]?.id ?? "",
        reason: "key-compromise",
        actor: admin,
        now: new Date(),
      }),
    );
    await vi.waitFor(async () =>
      expect(codeOf(await send(pooled, url, next))).toEqual([401, "certificate_revoked"]),
    );
    await agentToRevoke.close();
  });

  it("a limited agent is told when to come again", async () => {
    const slow = await makeAgent(system, "slow-agent");
    const pooled = connect(slow.rootPem, slow.credential("transport"));
    await system.db.execute(sql`
      insert into isolation_states (agent_id, state, limit_per_minute, epoch, reason, changed_at, changed_by)
      values (${slow.id}, 'limited', 12, 1, 'test', now(), 'test')`);
    await system.db.execute(sql`select pg_notify('vigil', ${`isolation:${slow.id}`})`);
    await vi.waitFor(async () => {
      const answer = await send(pooled, url, await slow.sign(bodyOf()));
      expect(codeOf(answer)).toEqual([429, "agent_limited"]);
      expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    });
    await slow.close();
  });
});

it("with the database away nothing is admitted, and the answer says when to try again", async () => {
  const request = await agent.sign(bodyOf());
  await database.asSuper(async (client) => {
    await client.query("revoke insert on audit_records from vigil_app");
    try {
      const answer = await send(open, url, request);
      expect(codeOf(answer)).toEqual([503, "record_not_written"]);
      expect(answer.headers["retry-after"]).toBe("1");
    } finally {
      await client.query("grant insert on audit_records to vigil_app");
    }
  });
  expect((await send(open, url, request)).status).toBe(202);
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

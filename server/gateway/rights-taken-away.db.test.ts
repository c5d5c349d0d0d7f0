import https from "node:https";
import type { TLSSocket } from "node:tls";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { auditRecords, credentials, grants } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { revokeGrant } from "../layers/authorization/revoke-grant.ts";
import { revokeCredential } from "../layers/identity/revoke-credential.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { type Answer, connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

/** How long after a revocation the first refusal may take, at the resource. */
const REFUSED_WITHIN_MS = 2_000;
const analyst = {
  type: "operator" as const,
  id: "analyst",
  email: "analyst@bank",
  roles: ["analyst", "admin"],
  sessionId: null,
};
let database: TestDatabase;
let system: System;
beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
});
afterAll(async () => {
  await system?.close();
  await database?.close();
});

const body = () => JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]);
const url = () => `${system.env.gatewayUrl}/v1/actions`;
const codeOf = ({ status, body: told }: Answer) => [status, told.error?.code];

it("a revoked certificate opens nothing by resuming the session it was used in before", async () => {
  const agent = await makeAgent(system, "resumer");
  const { keyPem, certificatePem } = agent.credential("transport");
  let session: Buffer | undefined;
  let resumed = false;
  /** A new connection for each request, on the ticket of the one before. */
  const over = async () => {
    const pool = new https.Agent({
      ...{ ca: agent.rootPem, key: keyPem, cert: certificatePem, servername: "localhost" },
      ...{ keepAlive: false, maxCachedSessions: 0, session },
    });
    const connectAs = pool.createConnection.bind(pool) as (...args: unknown[]) => TLSSocket;
    (pool as unknown as { createConnection: typeof connectAs }).createConnection = (...args) => {
      const socket = connectAs(...args);
      socket.on("session", (ticket) => {
        session = ticket;
      });
      socket.on("secureConnect", () => {
        resumed = socket.isSessionReused();
      });
      return socket;
    };
    const answer = await send(pool, url(), await agent.sign(body()));
    pool.destroy();
    return answer;
  };
  expect((await over()).status).toBe(202);
  expect((await over()).status).toBe(202);
  expect(resumed).toBe(true);
  const [row] = await system.db
    .select()
    .from(credentials)
    .where(eq(credentials.thumbprint, agent.credential("transport").thumbprint));
  await system.db.transaction((tx) =>
    revokeCredential(tx, {
      credentialId: row?.id ?? "",
      reason: "key-compromise",
      actor: analyst,
      now: new Date(),
    }),
  );
  await vi.waitFor(
    async () => {
      expect(codeOf(await over())).toEqual([401, "certificate_revoked"]);
      expect(resumed).toBe(true);
    },
    { timeout: REFUSED_WITHIN_MS, interval: 20 },
  );
  await agent.close();
});

it("a grant that is taken back early is refused at the resource at once; every record of what it allowed or no longer does names it", async () => {
  const agent = await makeAgent(system, "granted");
  const resource = await makeAgent(system, "core-api", [], { kind: "resource-server" });
  const pool = connect(agent.rootPem, agent.credential("transport"));
  const { token } = await agent.token();
  const [grant] = await system.db.select().from(grants).where(eq(grants.agentId, agent.id));
  const grantId = grant?.id ?? "";
  const form = (by: TestAgent) =>
    send(connect(by.rootPem, by.credential("transport")), `${system.env.gatewayUrl}/oauth/introspect`, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from(new URLSearchParams({ token }).toString()),
    });
  const ask = () =>
    send(
      connect(resource.rootPem, resource.credential("transport")),
      `${system.env.gatewayUrl}/v1/decisions`,
      {
        headers: { "content-type": "application/json" },
        body: Buffer.from(JSON.stringify({ token, action: "transactions.read" })),
      },
    );
  expect((await send(pool, url(), await agent.sign(body(), { token }))).status).toBe(202);
  expect((await form(resource)).body).toMatchObject({ active: true, grant_ids: [grantId] });
  expect((await ask()).body).toMatchObject({ outcome: "allow" });

  await revokeGrant(
    { db: system.db, actor: analyst, now: new Date() },
    { grantId, reason: "No longer needed" },
  );
  expect((await form(resource)).body).toEqual({ active: false });
  await vi.waitFor(
    async () => {
      const next = await agent.sign(body(), { token });
      expect(codeOf(await send(pool, url(), next))).toEqual([401, "token_revoked"]);
      expect((await ask()).body).toMatchObject({ outcome: "deny" });
    },
    { timeout: REFUSED_WITHIN_MS, interval: 20 },
  );

  const refused = await send(pool, url(), await agent.sign(body(), { token }));
  expect(refused.body.error).toMatchObject({ code: "token_revoked", facts: { grantIds: grantId } });

  const rows = await system.db.select().from(auditRecords).where(eq(auditRecords.agentId, agent.id));
  const all = rows.map((row) => ({ ...JSON.parse(row.body.toString("utf8")), outcome: row.outcome }));
  const grantsNamed = (kind: string, outcome: string) =>
    all.filter((it) => it.kind === kind && (it.outcome ?? "done") === outcome).map((it) => it.grantIds);
  for (const [kind, outcome] of [
    ["grant.standing", "allow"],
    ["token.issued", "allow"],
    ["agent.actions", "allow"],
    ["decision.answered", "allow"],
    ["grant.revoked", "done"],
    ["agent.actions", "deny"],
    ["decision.answered", "deny"],
  ] as const) {
    const named = grantsNamed(kind, outcome);
    expect(named.length, kind).toBeGreaterThan(0);
    for (const ids of named) expect(ids, `${kind} ${outcome}`).toEqual([grantId]);
  }
  pool.destroy();
  for (const each of [agent, resource]) await each.close();
});

it("a header that names another agent's certificate changes nobody's identity", async () => {
  const agent = await makeAgent(system, "itself");
  const other = await makeAgent(system, "somebody-else");
  const pem = other.credential("transport").certificatePem;
  const claims = {
    "x-forwarded-client-cert": `Cert="${encodeURIComponent(pem)}"`,
    "client-cert": `:${Buffer.from(pem).toString("base64")}:`,
    "x-ssl-client-cert": encodeURIComponent(pem),
  };
  const own = await agent.sign(body());
  const pool = connect(agent.rootPem, agent.credential("transport"));
  expect((await send(pool, url(), { ...own, headers: { ...own.headers, ...claims } })).status).toBe(202);
  const theirs = await other.sign(body());
  const answer = await send(pool, url(), { ...theirs, headers: { ...theirs.headers, ...claims } });
  expect(answer.status).toBe(401);
  const bare = connect(agent.rootPem, null);
  await expect(send(bare, url(), { ...theirs, headers: { ...theirs.headers, ...claims } })).rejects.toThrow();
  pool.destroy();
  for (const each of [agent, other]) await each.close();
});

it("a record tells on whose behalf, by which grant and policy, and in which trace: all of it hashed", async () => {
  const agent = await makeAgent(system, "principal");
  const pool = connect(agent.rootPem, agent.credential("transport"));
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const request = await agent.sign(
    JSON.stringify([
      {
        ...{ action: "transactions.read", at: new Date().toISOString(), onBehalfOf: "teller-17" },
        ...{ transactionId: "tx-9", dataAccessed: ["accounts"], decision: "approve", confidence: 0.8 },
      },
    ]),
  );
  const headers = { ...request.headers, traceparent: `00-${trace}-00f067aa0ba902b7-01` };
  const { receipt = "" } = (await send(pool, url(), { ...request, headers })).body;
  const claims = JSON.parse(Buffer.from(receipt.split(".")[1] ?? "", "base64url").toString("utf8"));
  const [row] = await system.db.select().from(auditRecords).where(eq(auditRecords.id, claims.recordId));
  const [grant] = await system.db.select().from(grants).where(eq(grants.agentId, agent.id));
  expect(JSON.parse(row?.body.toString("utf8") ?? "{}")).toMatchObject({
    ...{ agentId: agent.did, actions: { "transactions.read": 1 }, transactionIds: ["tx-9"] },
    ...{ dataAccessed: ["accounts"], outcome: "allow", confidence: 0.8, onBehalfOf: "teller-17" },
    ...{ grantIds: [grant?.id], policyVersion: 1, trace, timestamp: row?.at.toISOString() },
  });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(row?.body ?? [])));
  expect(Buffer.from(digest).equals(row?.digest ?? Buffer.alloc(0))).toBe(true);
  pool.destroy();
  await agent.close();
});

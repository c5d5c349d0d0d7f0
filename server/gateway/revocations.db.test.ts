import https from "node:https";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type ResourceServer, startResourceServer } from "../../agent/testing/resource-server.ts";
import { createDatabase } from "../../db/client.ts";
import { accessTokens, auditRecords, credentials, grants } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { containAgent } from "../flows/contain-agent.ts";
import { revokeGrant } from "../layers/authorization/revoke-grant.ts";
import { revokeToken } from "../layers/authorization/revoke-token.ts";
import { revokeCredential } from "../layers/identity/revoke-credential.ts";
import { startGateway } from "./main.ts";
import { startProxy } from "./testing/breakable-proxy.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

/** The bar: what is revoked is felt outside within a second. */
const FELT = { timeout: 1_000, interval: 10 };
const analyst = {
  type: "operator" as const,
  id: "analyst",
  email: "analyst@bank",
  roles: ["analyst", "admin"],
  sessionId: null,
};
let database: TestDatabase;
let system: System;
let server: TestAgent;
let resource: ResourceServer;
beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  server = await makeAgent(system, "core-api", [], { kind: "resource-server" });
  resource = await startResourceServer(server, system.env.enrolUrl);
});
afterAll(async () => {
  await resource?.close();
  await server?.close();
  await system?.close();
  await database?.close();
});

const url = () => `${system.env.gatewayUrl}/v1/revocations`;
const ctx = () => ({ db: system.db, actor: analyst, now: new Date() });
const tokenOf = async (agent: TestAgent) =>
  (await system.db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id)))[0]?.jti ?? "";

/** Connections to one that is known by its SPIFFE name, and has no host's. */
function toAgents(agent: TestAgent): https.Agent {
  const { keyPem: key, certificatePem: cert } = agent.credential("transport");
  const checkServerIdentity = () => undefined;
  return new https.Agent({ keepAlive: true, ca: agent.rootPem, key, cert, checkServerIdentity });
}

/** An agent with a token that it shows to the resource server, over a connection that stays open. */
async function caller(name: string) {
  const agent = await makeAgent(system, name);
  const { token } = await agent.token();
  const pool = toAgents(agent);
  const call = (shown = token) =>
    send(pool, resource.url, { headers: { authorization: `Bearer ${shown}` } }).then(({ status }) => status);
  expect(await call()).toBe(200);
  return {
    agent,
    call,
    close: async () => {
      pool.destroy();
      await agent.close();
    },
  };
}

/** The events of one raw stream, until it ends. */
function listen(by: TestAgent, headers: Record<string, string> = {}, path = url()) {
  const pool = connect(by.rootPem, by.credential("transport"));
  const heard = { status: 0, text: "", ended: false };
  const request = https.request(path, { agent: pool, headers }, (response) => {
    heard.status = response.statusCode ?? 0;
    response.setEncoding("utf8").on("data", (text: string) => {
      heard.text += text;
    });
    response
      .on("error", () => undefined)
      .on("close", () => {
        heard.ended = true;
      });
  });
  request.on("error", () => {
    heard.ended = true;
  });
  request.end();
  const lastId = () => [...heard.text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? "";
  return { heard, lastId, close: () => pool.destroy() };
}

it.each<[string, (agent: TestAgent) => Promise<unknown>]>([
  ["a token", async (agent) => revokeToken(system.db, { jti: await tokenOf(agent), agent, now: new Date() })],
  [
    "a grant",
    async (agent) => {
      const [grant] = await system.db.select().from(grants).where(eq(grants.agentId, agent.id));
      return revokeGrant(ctx(), { grantId: grant?.id ?? "", reason: "No longer needed" });
    },
  ],
  ["an agent", (agent) => containAgent(ctx(), { agentId: agent.id, reason: "Sends data to nobody we know" })],
  [
    "a certificate",
    async (agent) => {
      const { thumbprint } = agent.credential("transport");
      const [row] = await system.db.select().from(credentials).where(eq(credentials.thumbprint, thumbprint));
      const order = { credentialId: row?.id ?? "", reason: "key-compromise" as const };
      return system.db.transaction((tx) =>
        revokeCredential(tx, { ...order, actor: analyst, now: new Date() }),
      );
    },
  ],
])("%s that is revoked is refused by a resource server within a second", async (what, revoke) => {
  const { agent, call, close } = await caller(`felt-${what.replace(/\W/g, "-")}`);
  const other = await caller(`untouched-${what.replace(/\W/g, "-")}`);
  await revoke(agent);
  await vi.waitFor(async () => expect(await call()).toBe(401), FELT);
  expect(await other.call()).toBe(200);
  await close();
  await other.close();
});

it("an older transaction that stays open holds nothing up, and what it revokes is told when it commits", async () => {
  const [early, late] = [await caller("early"), await caller("late")];
  const holder = createDatabase(database.urls.app, { applicationName: "holder", poolSize: 1 });
  let commit = () => {};
  const committed = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let begun = () => {};
  const open = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const slow = holder.transaction(async (tx) => {
    await tx.execute(sql`update access_tokens set revoked_at = now() where agent_id = ${late.agent.id}`);
    begun();
    await committed;
  });
  await open;
  const listener = listen(server);
  await revokeToken(system.db, { jti: await tokenOf(early.agent), agent: early.agent, now: new Date() });
  await vi.waitFor(async () => expect(await early.call()).toBe(401), FELT);
  expect(await late.call()).toBe(200);
  await vi.waitFor(() => expect(listener.lastId()).not.toBe(""));
  const cursor = listener.lastId();
  listener.close();
  commit();
  await slow;
  await vi.waitFor(async () => expect(await late.call()).toBe(401), FELT);
  const resumed = listen(server, { "last-event-id": cursor });
  const lateToken = await tokenOf(late.agent);
  await vi.waitFor(() => expect(resumed.heard.text).toContain(lateToken));
  expect(resumed.heard.text).not.toContain("event: reset");
  resumed.close();
  await holder.$client.end();
  await Promise.all([early.close(), late.close()]);
});

it("nothing is missed over a gateway's restart; while it is away longer than the bound, nothing is served", async () => {
  const { agent, call, close } = await caller("over-a-restart");
  const [before, after] = [await caller("revoked-away"), await caller("revoked-later")];
  const strict = await startResourceServer(server, system.env.enrolUrl, { ageMsMax: 1_500 });
  const strictly = () =>
    agent.token().then(({ token }) =>
      send(toAgents(agent), strict.url, {
        headers: { authorization: `Bearer ${token}` },
      }).then(({ status }) => status),
    );
  expect(await strictly()).toBe(200);
  await system.gateway.close();
  await revokeToken(system.db, { jti: await tokenOf(before.agent), agent: before.agent, now: new Date() });
  await vi.waitFor(async () => expect(await strictly()).toBe(503), { timeout: 5_000, interval: 50 });
  system.gateway = await startGateway(system.env);
  await vi.waitFor(async () => expect(await before.call()).toBe(401), { timeout: 8_000, interval: 20 });
  expect(resource.lost.length).toBeGreaterThan(0);
  expect(await call()).toBe(200);
  await vi.waitFor(async () => expect(await strictly()).toBe(200), { timeout: 5_000, interval: 50 });
  await revokeToken(system.db, { jti: await tokenOf(after.agent), agent: after.agent, now: new Date() });
  await vi.waitFor(async () => expect(await after.call()).toBe(401), FELT);
  await strict.close();
  for (const each of [before, after]) await each.close();
  await close();
}, 30_000);

it("a fresh reader gets what is revoked now, one that resumes only what came since", async () => {
  const { agent, close } = await caller("revoked-before");
  const jti = await tokenOf(agent);
  await revokeToken(system.db, { jti, agent, now: new Date() });
  const fresh = listen(server);
  await vi.waitFor(() => expect(fresh.lastId()).not.toBe(""));
  expect(fresh.heard.text).toMatch(/event: reset\ndata: \{\}\n\n[\s\S]*"jti":/);
  expect(fresh.heard.text).toContain(jti);
  // Within the same second a pulse has no newer transaction behind it; the next one has.
  await vi.waitFor(() => expect(fresh.heard.text.match(/event: pulse/g)?.length).toBeGreaterThan(2), 5_000);
  const resumed = listen(server, {}, `${url()}?since=${fresh.lastId()}`);
  await vi.waitFor(() => expect(resumed.lastId()).not.toBe(""));
  expect(resumed.heard.text).not.toContain("event: reset");
  expect(resumed.heard.text).not.toContain(jti);
  for (const since of ["nonsense", "1.2.3", "-1.5"])
    expect(
      (
        await send(connect(server.rootPem, server.credential("transport")), `${url()}?since=${since}`, {
          method: "GET",
        })
      ).status,
    ).toBe(400);
  for (const each of [fresh, resumed]) each.close();
  await close();
});

it("an agent is refused, and the refusal is a record of its own", async () => {
  const agent = await makeAgent(system, "curious");
  const pool = connect(agent.rootPem, agent.credential("transport"));
  const answer = await send(pool, url(), { method: "GET" });
  expect([answer.status, answer.body.error?.code]).toEqual([403, "not_a_resource_server"]);
  const rows = await system.db.select().from(auditRecords).where(eq(auditRecords.agentId, agent.id));
  const [record] = rows.filter(({ kind }) => kind === "revocations.refused");
  expect(record?.outcome).toBe("deny");
  expect(JSON.parse(record?.body.toString("utf8") ?? "{}").checks).toMatchObject([
    { id: "not_a_resource_server", passed: false },
  ]);
  pool.destroy();
  await agent.close();
});

it("a resource server that is contained loses its stream at once, and gets none", async () => {
  const doomed = await makeAgent(system, "doomed-api", [], { kind: "resource-server" });
  const stream = listen(doomed);
  await vi.waitFor(() => expect(stream.heard.status).toBe(200));
  await containAgent(ctx(), { agentId: doomed.id, reason: "It was taken over" });
  await vi.waitFor(() => expect(stream.heard.ended).toBe(true), FELT);
  const length = stream.heard.text.length;
  const again = await send(connect(doomed.rootPem, doomed.credential("transport")), url(), { method: "GET" });
  expect([again.status, again.body.error?.code]).toEqual([403, "agent_contained"]);
  expect(stream.heard.text.length).toBe(length);
  await doomed.close();
});

it("a resource server has four streams: a fifth is taken in the oldest one's place, and nobody else's", async () => {
  const [greedy, modest] = [
    await makeAgent(system, "greedy-api", [], { kind: "resource-server" }),
    await makeAgent(system, "modest-api", [], { kind: "resource-server" }),
  ];
  const open = async (by: TestAgent) => {
    const stream = listen(by);
    await vi.waitFor(() => expect(stream.lastId()).not.toBe(""));
    return stream;
  };
  const other = await open(modest);
  const streams = [await open(greedy), await open(greedy), await open(greedy), await open(greedy)];
  for (const ended of [0, 1, 2]) {
    streams.push(await open(greedy));
    await vi.waitFor(() => expect(streams[ended]?.heard.ended).toBe(true));
    expect(streams.filter(({ heard }) => !heard.ended)).toHaveLength(4);
  }
  expect(streams.every(({ heard }) => heard.status === 200)).toBe(true);
  expect(other.heard.ended).toBe(false);
  for (const each of [...streams, other]) each.close();
  await greedy.close();
  await modest.close();
});

it("a resource server whose machine died with all its streams open is back with its first request", async () => {
  const crashed = await makeAgent(system, "crashed-api", [], { kind: "resource-server" });
  const proxy = await startProxy(system.env.gatewayUrl);
  const host = { host: new URL(system.env.gatewayUrl).host };
  const dead = [1, 2, 3, 4].map(() => listen(crashed, host, new URL("/v1/revocations", proxy.url).href));
  await vi.waitFor(() => expect(dead.every(({ lastId }) => lastId() !== "")).toBe(true));
  proxy.freeze();
  const back = listen(crashed);
  await vi.waitFor(() => expect(back.lastId()).not.toBe(""));
  for (const each of [...dead, back]) each.close();
  await proxy.close();
  await crashed.close();
});

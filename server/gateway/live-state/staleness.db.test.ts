import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { startGateway } from "../main.ts";
import { type BreakableProxy, startProxy } from "../testing/breakable-proxy.ts";
import { freePort, type System, startSystem } from "../testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "../testing/test-agent.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let proxy: BreakableProxy;
let far: Awaited<ReturnType<typeof startGateway>>;
let farPort: number;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  agent = await makeAgent(system, "traveller");
  proxy = await startProxy(system.env.databaseUrl);
  farPort = await freePort();
  const enrolPort = await freePort();
  far = await startGateway({ ...system.env, databaseUrl: proxy.url, gatewayPort: farPort, enrolPort });
});
afterAll(async () => {
  await agent?.close();
  await far?.close();
  await proxy?.close();
  await system?.close();
  await database?.close();
});

const body = () => JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]);

it("the same signed request at two gateways at once leaves one record and one receipt", async () => {
  const pooled = connect(agent.rootPem, agent.credential("transport"));
  for (let round = 0; round < 10; round++) {
    const nonce = randomBytes(18).toString("base64url");
    const request = await agent.sign(body(), { nonce });
    const headers = { ...request.headers, host: new URL(system.env.gatewayUrl).host };
    const ports = [system.env.gatewayPort, farPort, system.env.gatewayPort, farPort];
    const answers = await Promise.all(
      ports.map((port) => send(pooled, `https://localhost:${port}/v1/actions`, { ...request, headers })),
    );
    expect(new Set(answers.map((it) => `${it.status} ${it.body.receipt}`)).size).toBe(1);
    const { rows } = await system.db.execute(sql`
      select 1 from audit_payloads where signature_base like ${`%${nonce}%`}`);
    expect(rows).toHaveLength(1);
  }
});

it("a gateway that is cut off from the database, line open, admits nothing after five seconds, and recovers", async () => {
  const pooled = connect(agent.rootPem, agent.credential("transport"));
  const host = new URL(system.env.gatewayUrl).host;
  const ask = async () => {
    const request = await agent.sign(body());
    const answer = await send(pooled, `https://localhost:${farPort}/v1/actions`, {
      ...request,
      headers: { ...request.headers, host },
    });
    return {
      status: answer.status,
      code: answer.body.error?.code,
      retryAfter: answer.headers["retry-after"],
    };
  };
  expect((await ask()).status).toBe(202);
  proxy.freeze();
  await vi.waitFor(
    async () => expect(await ask()).toEqual({ status: 503, code: "state_stale", retryAfter: "1" }),
    { timeout: 25_000, interval: 250 },
  );
  proxy.thaw();
  await vi.waitFor(async () => expect((await ask()).status).toBe(202), { timeout: 20_000, interval: 250 });
}, 60_000);

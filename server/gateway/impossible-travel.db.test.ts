import https from "node:https";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  alerts,
  featureWindows,
  isolationStates,
  responseStates,
  whereabouts,
} from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Actor } from "../kernel/actor.ts";
import { addPlace } from "../layers/monitoring/add-place.ts";
import { foldWindows } from "../worker/fold-windows.ts";
import { issueCertificates } from "../worker/issue-certificates.ts";
import { scoreWindows } from "../worker/score-windows.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

const FRANKFURT = "127.0.0.1";
const SINGAPORE = "127.0.0.2";
const ASHBURN = "127.0.0.3";
const OREGON = "127.0.0.4";
const admin: Actor = { type: "operator", id: "a", email: "a@bank", roles: ["admin"], sessionId: null };

let database: TestDatabase;
let system: System;
const made: TestAgent[] = [];
const lines: https.Agent[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls, [issueCertificates, foldWindows, scoreWindows]);
  const ctx = { db: system.db, actor: admin, now: new Date() };
  const add = (name: string, latitude: number, longitude: number, address: string, kind?: "data-centre") =>
    addPlace(ctx, { name, country: "XX", latitude, longitude, prefix: `${address}/32`, kind });
  await add("Frankfurt", 50.11, 8.68, FRANKFURT);
  await add("Singapore", 1.35, 103.82, SINGAPORE);
  await addPlace(ctx, {
    ...{ name: "Head office", country: "DE", latitude: 50.11, longitude: 8.68, prefix: "10.1.0.0/16" },
  });
  await add("DC Ashburn", 39.04, -77.49, ASHBURN, "data-centre");
  await add("DC Oregon", 45.84, -119.7, OREGON, "data-centre");
}, 120_000);
afterAll(async () => {
  for (const line of lines) line.destroy();
  for (const agent of made) await agent.close();
  await system?.close();
  await database?.close();
});

async function newAgent(name: string) {
  const agent = await makeAgent(system, name);
  made.push(agent);
  const { keyPem, certificatePem } = agent.credential("transport");
  const reportFrom = async (localAddress: string, more: object = {}) => {
    const tls = { ca: agent.rootPem, key: keyPem, cert: certificatePem, servername: "localhost" };
    const line = new https.Agent({ keepAlive: true, maxSockets: 1, localAddress, family: 4, ...tls });
    lines.push(line);
    const action = { action: "transactions.read", at: new Date().toISOString(), ...more };
    const answer = await send(
      line,
      `${system.env.gatewayUrl}/v1/actions`,
      await agent.sign(JSON.stringify([action])),
    );
    expect(answer.status).toBe(202);
  };
  return { id: agent.id, reportFrom };
}
const alertsOf = (agentId: string) =>
  system.db
    .select()
    .from(alerts)
    .where(and(eq(alerts.agentId, agentId), eq(alerts.rule, "behaviour-score")));
const scoredFrom = (agentId: string, addresses: string[]) =>
  vi.waitFor(
    async () => {
      const [row] = await system.db.select().from(whereabouts).where(eq(whereabouts.agentId, agentId));
      expect(Object.keys((row?.seen ?? {}) as object).sort()).toEqual(addresses);
    },
    { timeout: 20_000, interval: 100 },
  );

describe("an agent that is in two places", () => {
  test("is limited with an alert that names both, whatever address its actions claim", async () => {
    const agent = await newAgent("traveller");
    await agent.reportFrom(FRANKFURT);
    await scoredFrom(agent.id, [FRANKFURT]);
    expect(await alertsOf(agent.id)).toEqual([]);
    await agent.reportFrom(SINGAPORE, { sourceIp: FRANKFURT });
    await scoredFrom(agent.id, [FRANKFURT, SINGAPORE]);
    const [alert] = await alertsOf(agent.id);
    expect(alert).toMatchObject({ severity: "high", count: 1 });
    expect(alert?.title).toContain("impossible travel");
    expect(JSON.stringify(alert?.detail)).toContain("seen in Frankfurt and Singapore within 1 min (102");
    const [isolation] = await system.db
      .select()
      .from(isolationStates)
      .where(eq(isolationStates.agentId, agent.id));
    expect(isolation).toMatchObject({ state: "limited" });
    const rows = await system.db.select().from(featureWindows).where(eq(featureWindows.agentId, agent.id));
    expect(rows.some(({ features }) => (features as { impossibleTravel?: number }).impossibleTravel)).toBe(
      true,
    );
  });

  test("is not, when it fails over between the bank's own data centres", async () => {
    const agent = await newAgent("failed-over");
    await agent.reportFrom(ASHBURN);
    await agent.reportFrom(OREGON);
    await scoredFrom(agent.id, [ASHBURN, OREGON]);
    expect(await alertsOf(agent.id)).toEqual([]);
  });

  test("or says that it is at home while it connects from elsewhere: recorded, not limited", async () => {
    const agent = await newAgent("pretender");
    await agent.reportFrom(SINGAPORE, { sourceIp: "10.1.2.3" });
    await scoredFrom(agent.id, [SINGAPORE]);
    const [response] = await system.db
      .select()
      .from(responseStates)
      .where(eq(responseStates.agentId, agent.id));
    expect(response).toMatchObject({ level: "record", score: 0.6 });
    expect(JSON.stringify(response?.contributions)).toContain(
      "says that it is in Head office and connects from Singapore",
    );
    expect(await alertsOf(agent.id)).toEqual([]);
  });
});

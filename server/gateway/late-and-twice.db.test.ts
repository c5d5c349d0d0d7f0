import type https from "node:https";
import { and, asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  alerts,
  auditRecords,
  featureWindows,
  responseStates,
  windowDeltas,
  windowSlices,
} from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { present } from "../kernel/ensure.ts";
import type { Slice } from "../layers/monitoring/engine/slice.ts";
import type { WindowFeatures } from "../layers/monitoring/schema.ts";
import { seeded } from "../layers/monitoring/testing/usual-weeks.ts";
import { foldWindows } from "../worker/fold-windows.ts";
import { issueCertificates } from "../worker/issue-certificates.ts";
import { scoreWindows } from "../worker/score-windows.ts";
import { type Gateway, startGateway } from "./main.ts";
import { freePort, type System, startSystem } from "./testing/start-system.ts";
import {
  type Answer,
  connect,
  makeAgent,
  type SignedRequest,
  send,
  type TestAgent,
} from "./testing/test-agent.ts";

let database: TestDatabase;
let system: System;
let far: Gateway;
let farPort: number;
const made: { agent: TestAgent; line: https.Agent }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls, [issueCertificates, foldWindows, scoreWindows]);
  farPort = await freePort();
  far = await startGateway({ ...system.env, gatewayPort: farPort, enrolPort: await freePort() });
}, 120_000);
afterAll(async () => {
  for (const { agent, line } of made) {
    line.destroy();
    await agent.close();
  }
  await far?.close();
  await system?.close();
  await database?.close();
});

type Door = "near" | "far";
async function newAgent(name: string) {
  const agent = await makeAgent(system, name);
  const line = connect(agent.rootPem, agent.credential("transport"));
  made.push({ agent, line });
  /** The far gateway serves the same public name from another port, as behind a load balancer. */
  const sendTo = (door: Door, request: SignedRequest): Promise<Answer> => {
    const host = new URL(system.env.gatewayUrl).host;
    const url = door === "near" ? system.env.gatewayUrl : `https://localhost:${farPort}`;
    return send(line, `${url}/v1/actions`, { ...request, headers: { ...request.headers, host } });
  };
  return {
    ...agent,
    sendTo,
    report: async (door: Door, actions: object[]) => sendTo(door, await agent.sign(JSON.stringify(actions))),
  };
}

const act = (atMs: number, more: object = {}) => ({
  ...{ action: "transactions.read", at: new Date(atMs).toISOString(), bytes: 1_000 },
  ...more,
});

async function settled(agentId: string): Promise<Slice> {
  return vi.waitFor(
    async () => {
      expect(await system.db.$count(windowDeltas, eq(windowDeltas.agentId, agentId))).toBe(0);
      const slices = await system.db.select().from(windowSlices).where(eq(windowSlices.agentId, agentId));
      expect(slices.length).toBeGreaterThan(0);
      expect(slices.filter(({ revision, scoredRevision }) => revision > scoredRevision)).toEqual([]);
      const states = slices.map(({ state }) => state as Slice);
      const sum = (of: (slice: Slice) => number) => states.reduce((total, slice) => total + of(slice), 0);
      return { calls: sum((s) => s.calls), late: sum((s) => s.late), bytes: sum((s) => s.bytes) } as Slice;
    },
    { timeout: 20_000, interval: 100 },
  );
}
async function minutesOf(agentId: string): Promise<{ at: number; features: WindowFeatures }[]> {
  const rows = await system.db
    .select()
    .from(featureWindows)
    .where(eq(featureWindows.agentId, agentId))
    .orderBy(asc(featureWindows.at));
  return rows.map(({ at, features }) => ({ at: at.getTime(), features: features as WindowFeatures }));
}
const recordsOf = (agentId: string, kind: string) =>
  system.db.$count(auditRecords, and(eq(auditRecords.agentId, agentId), eq(auditRecords.kind, kind)));

describe("what arrives twice counts once", () => {
  test.each([2, 3])("the same signed request %i times at once, to two gateways", async (times) => {
    const agent = await newAgent(`twice-${times}`);
    const now = Date.now();
    const request = await agent.sign(JSON.stringify([act(now), act(now - 1), act(now - 2)]));
    const doors: Door[] = ["near", "far", "near"];
    const answers = await Promise.all(doors.slice(0, times).map((door) => agent.sendTo(door, request)));
    answers.push(await agent.sendTo("far", request));
    expect(answers.map(({ status }) => status)).toEqual(Array(times + 1).fill(202));
    expect(new Set(answers.map(({ body }) => body.receipt)).size).toBe(1);
    expect(await settled(agent.id)).toMatchObject({ calls: 3, late: 0, bytes: 3_000 });
    expect(await recordsOf(agent.id, "agent.actions")).toBe(1);
    const minutes = await minutesOf(agent.id);
    expect(minutes.reduce((sum, { features }) => sum + features.apiCallsPerMinute, 0)).toBe(3);
  });
});

describe("what the agent says of the time", () => {
  test("is believed at 9:59 back and 4:59 ahead, and not at 10:01 and 5:01", async () => {
    // On a slow machine a second may pass on the way: then it is another question, and is asked anew.
    for (let attempt = 0; attempt < 10; attempt++) {
      const agent = await newAgent(`clock-${attempt}`);
      await agent.token();
      const now = Date.now();
      const times = [-599_000, -601_000, 299_000, 301_000].map((ms) => now + ms);
      const answer = await agent.report(
        "near",
        times.map((at) => act(at)),
      );
      if (Date.now() - now > 900) continue;
      expect(answer.body.refused).toMatchObject([{ index: 3, code: "at_in_future" }]);
      expect(await settled(agent.id)).toMatchObject({ calls: 2, late: 2, bytes: 2_000 });
      const slices = await system.db.select().from(windowSlices).where(eq(windowSlices.agentId, agent.id));
      const starts = slices
        .filter(({ state }) => (state as Slice).calls > 0)
        .map(({ sliceAt }) => sliceAt.getTime());
      expect(starts.sort((a, b) => a - b)).toEqual(
        [times[0], times[2]].map((ms) => Math.floor((ms ?? 0) / 10_000) * 10_000),
      );
      return;
    }
    throw new Error("the machine was too slow to ask");
  });
});

describe("order and gateways change nothing", () => {
  const random = seeded(7);
  const pick = (max: number) => Math.floor(random() * max);
  test.each([1, 2, 3])(
    "round %i: real events over two gateways in any order leave what one leaves in order",
    async (round) => {
      const start = Math.floor(Date.now() / 60_000) * 60_000 - 360_000;
      const events = Array.from({ length: 120 }, (_, i) =>
        act(start + i * 2_000 + pick(1_500), {
          ...{ bytes: pick(100_000), endpoint: `/accounts/${pick(30)}` },
          ...{ sourceIp: `10.${pick(3)}.0.1` },
        }),
      );
      const together = await newAgent(`together-${round}`);
      const scattered = await newAgent(`scattered-${round}`);
      expect((await together.report("near", events)).body.admitted).toBe(120);
      const parts: object[][] = Array.from({ length: 8 }, () => []);
      for (const event of [...events].sort(() => random() - 0.5))
        present(parts[pick(8)], "the part").push(event);
      const filled = parts.filter((part) => part.length > 0);
      await Promise.all(filled.map((part, i) => scattered.report(i % 2 === 0 ? "near" : "far", part)));
      expect(await settled(scattered.id)).toEqual(await settled(together.id));
      const volumes = async (id: string) =>
        (await minutesOf(id)).map(
          ({
            at,
            features: { transitions: _, transitionsOther: __, patternSurprise: ___, ...rest },
          }: {
            at: number;
            features: WindowFeatures & { patternSurprise?: number };
          }) => ({ at, ...rest }),
        );
      expect(await volumes(scattered.id)).toEqual(await volumes(together.id));
      const scores = async (id: string) =>
        (
          await system.db
            .select()
            .from(featureWindows)
            .where(eq(featureWindows.agentId, id))
            .orderBy(asc(featureWindows.at))
        ).map(({ score, excluded }) => ({ score, excluded }));
      expect(await scores(scattered.id)).toEqual(await scores(together.id));
    },
  );
});

describe("a minute that is scored again", () => {
  test("after a late action it counts it, and neither alerts nor limits once more", async () => {
    const agent = await newAgent("late-again");
    const minute = Math.floor(Date.now() / 60_000) * 60_000 - 300_000;
    const burst = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => act(minute + from + i * 20));
    await agent.report("near", burst(0, 700));
    await agent.report("far", burst(20_000, 700));
    await settled(agent.id);
    const left = async () => ({
      alerts: (
        await system.db
          .select()
          .from(alerts)
          .where(and(eq(alerts.agentId, agent.id), eq(alerts.rule, "behaviour-score")))
      ).map(({ count, severity, score }) => ({ count, severity, score })),
      response: (
        await system.db.select().from(responseStates).where(eq(responseStates.agentId, agent.id))
      ).map(({ level, since, calmSince }) => ({ level, since, calmSince })),
      changes: await recordsOf(agent.id, "isolation.changed"),
    });
    const before = await left();
    expect(before.alerts).toMatchObject([{ count: 1, severity: "high" }]);
    expect(before.response).toMatchObject([{ level: "limit" }]);
    await vi.waitFor(async () => expect((await agent.report("near", burst(40_000, 5))).status).toBe(202), {
      timeout: 20_000,
      interval: 1_000,
    });
    await vi.waitFor(async () => {
      await settled(agent.id);
      expect((await minutesOf(agent.id)).map(({ features }) => features.apiCallsPerMinute)).toEqual([1_405]);
    }, 20_000);
    expect(await left()).toEqual(before);
  });
});

import { eq } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { grants, isolationStates, peerPriors, responseStates, windowDeltas } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Env } from "../env.ts";
import { present } from "../kernel/ensure.ts";
import { uuidv7 } from "../kernel/ids.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { ensureDefaultPolicy } from "../layers/authorization/ensure-default-policy.ts";
import { SLICE_MS } from "../layers/monitoring/engine/slice.ts";
import { importHistory } from "../layers/monitoring/import-history.ts";
import { learnAgentBaseline } from "../layers/monitoring/learn-baseline.ts";
import { readLearning } from "../layers/monitoring/read-learning.ts";
import { addDelta, makeAgent, SYSTEM, sliceOfCalls } from "../layers/monitoring/testing/agents-and-people.ts";
import { usualWeeks } from "../layers/monitoring/testing/usual-weeks.ts";
import type { Duty } from "./duty.ts";
import { foldWindows } from "./fold-windows.ts";
import { keepLearning } from "./keep-learning.ts";
import { takeLease } from "./lease.ts";
import { scoreWindows } from "./score-windows.ts";

const T = Date.parse("2026-11-24T10:30:00.000Z");
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await ensureDefaultPolicy(database.db, new Date(T - 86_400_000));
});
afterAll(() => database.close());

const ctx = (nowMs = T) => ({ db: database.db, actor: SYSTEM, now: new Date(nowMs) });
async function run(duty: Duty, nowMs: number): Promise<void> {
  const lease = present(await takeLease(database.db, duty.name, "worker-1"), "the lease");
  const context = {
    ...{ db: database.db, env: {} as Env, keys: {} as KeyStore, log: pino({ level: "silent" }) },
    ...{ now: new Date(nowMs), lease, processId: "worker-1", publish: () => undefined },
  };
  for (let more = true; more; ) ({ more } = await duty.run(context));
}
async function give(agentId: string, scopes: string[]) {
  for (const scope of scopes)
    await database.db.insert(grants).values({
      ...{ id: uuidv7(T), agentId, scope, policyVersion: 1, grantedBy: "test", grantedAt: new Date(T - 1) },
    });
}
const history = async (agentId: string, seed: number, weeks = 3) => {
  const windows = usualWeeks({ weeks, fromMs: T - 21 * 86_400_000, timeZone: "UTC", seed }).map((w) => ({
    ...{ at: new Date(w.atMs), calls: w.features.apiCallsPerMinute, megabytes: w.features.dataMegabytes },
    ...{ endpoints: w.features.uniqueEndpoints, networks: w.features.networks },
    transitions: w.features.transitions,
  }));
  await importHistory(ctx(), { agentId, windows });
};
let seed = 0;
async function peer(zone: string, scopes: string[], as: Parameters<typeof makeAgent>[2] = {}) {
  const agent = await makeAgent(database.db, new Date(T), { zone, ...as });
  await give(agent.id, scopes);
  seed += 1;
  await history(agent.id, seed);
  await learnAgentBaseline(ctx(), { agentId: agent.id });
  return agent;
}
async function young(zone: string, scopes: string[], as: Parameters<typeof makeAgent>[2] = {}) {
  const agent = await makeAgent(database.db, new Date(T), { zone, ...as });
  await give(agent.id, scopes);
  return agent;
}
const priorOf = async (agentId: string) =>
  (await database.db.select().from(peerPriors).where(eq(peerPriors.agentId, agentId)))[0];
const READ = ["transactions:read"];

describe("peers", () => {
  test("are three or more of the same kind, zone and standing scopes, not of the family and not contained", async () => {
    const peers = [await peer("b", READ), await peer("b", READ), await peer("b", READ)];
    await peer("a", READ);
    await peer("b", [...READ, "alerts:create"]);
    const agent = await young("b", READ);
    const child = await young("b", READ, { parentId: peers[0]?.id ?? null });
    const alone = await young("c", READ);
    const without = await young("b", []);
    await run(keepLearning, T);
    const prior = await priorOf(agent.id);
    expect([...(prior?.peerIds ?? [])].sort()).toEqual(peers.map(({ id }) => id).sort());
    expect(prior).toMatchObject({
      ownWindows: 0,
      peerWindows: 6_000,
      kind: "agent, zone b, transactions:read",
    });
    for (const other of [child, alone, without]) expect(await priorOf(other.id)).toBeUndefined();
    expect((await readLearning(ctx(), { name: agent.name })).peers?.words).toBe(
      "peers: 3 agents; learning: 0 of 2000 active minutes, 0 of 7 days",
    );
    await database.db.insert(isolationStates).values({
      ...{ agentId: peers[1]?.id ?? "", state: "deny_all", changedAt: new Date(T), changedBy: "test" },
    });
    await run(keepLearning, T + 3_600_000);
    expect(await priorOf(agent.id)).toBeUndefined();
  });

  test("give way to the agent's own minutes, and are forgotten once it has a baseline of its own", async () => {
    for (let i = 0; i < 3; i++) await peer("shared", READ);
    const agent = await young("shared", READ);
    await run(keepLearning, T);
    const first = await priorOf(agent.id);
    await run(keepLearning, T + 3_599_999);
    expect((await priorOf(agent.id))?.id).toBe(first?.id);
    await history(agent.id, 90, 0.4);
    await run(keepLearning, T + 3_600_000);
    const second = await priorOf(agent.id);
    expect(second?.id).not.toBe(first?.id);
    expect(second?.ownWindows).toBeGreaterThan(1_000);
    expect(second?.peerWindows).toBeLessThan(3_100);
    await history(agent.id, 91);
    await learnAgentBaseline(ctx(T + 3_600_000), { agentId: agent.id });
    await run(keepLearning, T + 7_200_000);
    expect(await priorOf(agent.id)).toBeUndefined();
  });

  test("score a learning agent, which is limited and labelled and never contained by it", async () => {
    for (let i = 0; i < 3; i++) await peer("a1", READ);
    const agent = await young("a1", READ);
    await run(keepLearning, T);
    for (let i = 0; i < 6; i++)
      await addDelta(
        database.db,
        agent.id,
        T + i * SLICE_MS,
        sliceOfCalls(140, T + i * SLICE_MS, { bytes: 900_000, sourceIp: "203.0.113.9" }),
      );
    await vi.waitFor(async () => {
      await run(foldWindows, T + 61_000);
      expect(await database.db.$count(windowDeltas)).toBe(0);
    });
    await run(scoreWindows, T + 61_000);
    const [state] = await database.db
      .select()
      .from(responseStates)
      .where(eq(responseStates.agentId, agent.id));
    expect(state?.level).toBe("limit");
    expect(state?.score).toBeLessThanOrEqual(0.9);
    expect(JSON.stringify(state?.contributions)).toContain(
      "(peers: 3 agents; learning: 0 of 2000 active minutes, 0 of 7 days)",
    );
  });
});

import { and, eq } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alerts, baselines, featureWindows, windowSlices } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Env } from "../env.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { importHistory } from "../layers/monitoring/import-history.ts";
import { makeAgent, recordsOf, SYSTEM } from "../layers/monitoring/testing/agents-and-people.ts";
import { usualWeeks } from "../layers/monitoring/testing/usual-weeks.ts";
import { learnBaselines } from "./learn-baselines.ts";
import { takeLease } from "./lease.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const DAY_MS = 86_400_000;
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

async function run(now: Date): Promise<void> {
  const lease = await takeLease(database.db, learnBaselines.name, "worker-1");
  if (!lease) throw new Error("the lease is taken");
  const context = {
    db: database.db,
    env: {} as Env,
    keys: {} as KeyStore,
    log: pino({ level: "silent" }),
    now,
    lease,
  };
  for (let more = true; more; )
    ({ more } = await learnBaselines.run({ ...context, processId: "worker-1", publish: () => undefined }));
}
async function giveHistory(agentId: string, now: Date, weeks: number, factor = 1): Promise<void> {
  const fromMs = now.getTime() - weeks * 7 * DAY_MS;
  const windows = usualWeeks({ weeks, fromMs, timeZone: "UTC", seed: weeks }).map(({ atMs, features }) => ({
    at: new Date(atMs),
    calls: features.apiCallsPerMinute,
    megabytes: features.dataMegabytes * factor,
    endpoints: features.uniqueEndpoints,
  }));
  await importHistory({ db: database.db, actor: SYSTEM, now }, { agentId, windows });
}
const versionsOf = (agentId: string) =>
  database.db.select().from(baselines).where(eq(baselines.agentId, agentId));
const driftOf = (agentId: string) =>
  database.db
    .select()
    .from(alerts)
    .where(and(eq(alerts.agentId, agentId), eq(alerts.rule, "baseline-drift")));

test("an agent with enough behind it is learnt without being asked, one with too little is not", async () => {
  const ready = await makeAgent(database.db, NOW);
  const young = await makeAgent(database.db, NOW);
  await giveHistory(ready.id, NOW, 3);
  await giveHistory(young.id, NOW, 0.5);
  await run(NOW);
  expect(await versionsOf(ready.id)).toMatchObject([{ version: 1, createdBy: "monitoring" }]);
  expect(await versionsOf(young.id)).toEqual([]);
  expect((await recordsOf(database.db, ready.id)).map(({ kind }) => kind)).toContain("baseline.learnt");
});

test("a slow rise is alerted once and not followed", async () => {
  const agent = await makeAgent(database.db, NOW);
  await giveHistory(agent.id, NOW, 3);
  await run(NOW);
  await database.asSuper((client) =>
    client.query("delete from feature_windows where agent_id = $1", [agent.id]),
  );
  const later = new Date(NOW.getTime() + 7 * DAY_MS);
  await giveHistory(agent.id, later, 4, 4);
  await run(later);
  await run(new Date(later.getTime() + 60_000));
  expect(await versionsOf(agent.id)).toHaveLength(1);
  expect(await driftOf(agent.id)).toMatchObject([{ severity: "medium", count: 1, status: "open" }]);
});

test("slices older than two hours are removed, minutes are kept", async () => {
  const agent = await makeAgent(database.db, NOW);
  const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
  const slice = { agentId: agent.id, state: {}, scoredRevision: 1 };
  await database.db.insert(windowSlices).values([
    { ...slice, sliceAt: hoursAgo(2.1) },
    { ...slice, sliceAt: hoursAgo(1.9) },
  ]);
  await database.db.insert(featureWindows).values({ agentId: agent.id, at: hoursAgo(100), features: {} });
  await run(NOW);
  const left = await database.db.select().from(windowSlices).where(eq(windowSlices.agentId, agent.id));
  expect(left.map(({ sliceAt }) => sliceAt)).toEqual([hoursAgo(1.9)]);
  expect(await database.db.$count(featureWindows, eq(featureWindows.agentId, agent.id))).toBe(1);
});

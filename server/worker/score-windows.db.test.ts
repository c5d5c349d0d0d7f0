import { and, eq } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  accessTokens,
  agents,
  alerts,
  baselines,
  featureWindows,
  isolationStates,
  responseStates,
  windowDeltas,
  windowSlices,
} from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Env } from "../env.ts";
import { present } from "../kernel/ensure.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { behaviourScorer } from "../layers/monitoring/engine/score.ts";
import { modelName } from "../layers/monitoring/engine/scorer.ts";
import { SLICE_MS } from "../layers/monitoring/engine/slice.ts";
import { importHistory } from "../layers/monitoring/import-history.ts";
import { learnAgentBaseline } from "../layers/monitoring/learn-baseline.ts";
import type { Contribution } from "../layers/monitoring/schema.ts";
import {
  addDelta,
  makeAgent,
  recordsOf,
  SYSTEM,
  sliceOfCalls,
} from "../layers/monitoring/testing/agents-and-people.ts";
import { seeded, usualWeeks } from "../layers/monitoring/testing/usual-weeks.ts";
import type { Duty } from "./duty.ts";
import { foldWindows } from "./fold-windows.ts";
import { takeLease } from "./lease.ts";
import { scoreWindows } from "./score-windows.ts";

/** Tuesday morning, inside the business hours of the invented weeks. */
const T = Date.parse("2026-11-24T10:30:00.000Z");
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

async function run(duty: Duty, nowMs: number): Promise<void> {
  const lease = await takeLease(database.db, duty.name, "worker-1");
  if (!lease) throw new Error("the lease is taken");
  await duty.run({
    db: database.db,
    env: {} as Env,
    keys: {} as KeyStore,
    log: pino({ level: "silent" }),
    now: new Date(nowMs),
    lease,
    processId: "worker-1",
    publish: () => undefined,
  });
}

/** Folds all that the gateways committed, then scores it. */
async function work(nowMs: number): Promise<void> {
  await vi.waitFor(async () => {
    await run(foldWindows, nowMs);
    expect(await database.db.$count(windowDeltas)).toBe(0);
    // The fold waits for every transaction of the cluster that is open: other files' too.
  }, 30_000);
  await run(scoreWindows, nowMs);
}

async function learntAgent() {
  const agent = await makeAgent(database.db, new Date(T - 22 * 86_400_000));
  const ctx = { db: database.db, actor: SYSTEM, now: new Date(T) };
  const windows = usualWeeks({ weeks: 3, fromMs: T - 21 * 86_400_000, timeZone: "UTC" }).map(
    ({ atMs, features }) => ({
      at: new Date(atMs),
      calls: features.apiCallsPerMinute,
      megabytes: features.dataMegabytes,
      endpoints: features.uniqueEndpoints,
      networks: features.networks,
      transitions: features.transitions,
    }),
  );
  await importHistory(ctx, { agentId: agent.id, windows });
  await learnAgentBaseline(ctx, { agentId: agent.id });
  return agent;
}

const random = seeded(11);
const shuffled = () => Math.floor(3 * random());
async function behave(
  agentId: string,
  fromMs: number,
  slices: number,
  calls: number,
  more = {},
): Promise<void> {
  for (let i = 0; i < slices; i++) {
    const sliceMs = fromMs + i * SLICE_MS;
    await addDelta(database.db, agentId, sliceMs, sliceOfCalls(calls, sliceMs, more));
  }
}
const responseOf = async (agentId: string) =>
  (await database.db.select().from(responseStates).where(eq(responseStates.agentId, agentId)))[0];
const isolationOf = async (agentId: string) =>
  (await database.db.select().from(isolationStates).where(eq(isolationStates.agentId, agentId)))[0]?.state ??
  "open";
const alertsOf = (agentId: string) =>
  database.db
    .select()
    .from(alerts)
    .where(and(eq(alerts.agentId, agentId), eq(alerts.rule, "behaviour-score")));
const kindsOf = async (agentId: string) => (await recordsOf(database.db, agentId)).map(({ kind }) => kind);

describe("scoring", () => {
  test("a usual minute is stored with its score, and nothing else happens", async () => {
    const agent = await learntAgent();
    await behave(agent.id, T, 6, 17);
    await work(T + 61_000);
    expect(await responseOf(agent.id)).toMatchObject({ level: "none" });
    const [row] = await database.db
      .select()
      .from(featureWindows)
      .where(eq(featureWindows.at, new Date(T + 60_000)));
    expect(row).toMatchObject({
      agentId: agent.id,
      excluded: false,
      source: "live",
      features: { apiCallsPerMinute: 102 },
    });
    expect(row?.score).toBeLessThan(0.5);
    expect(await alertsOf(agent.id)).toEqual([]);
    const slices = await database.db.select().from(windowSlices).where(eq(windowSlices.agentId, agent.id));
    expect(slices.every((slice) => slice.scoredRevision === slice.revision)).toBe(true);
  });

  test("the seed's attack is contained at its first slices: alert, isolation, tokens, status", async () => {
    const agent = await learntAgent();
    await database.db.insert(accessTokens).values({
      jti: crypto.randomUUID(),
      agentId: agent.id,
      scopes: ["transactions:read"],
      grantIds: [],
      thumbprint: "x",
      issuedAt: new Date(T),
      expiresAt: new Date(T + 86_400_000),
      policyVersion: 1,
    });
    const night = T + 16.5 * 3_600_000;
    await behave(agent.id, night, 2, 850, { bytes: 1_200_000, order: shuffled });
    await work(night + 21_000);
    expect(await isolationOf(agent.id)).toBe("deny_all");
    expect(await responseOf(agent.id)).toMatchObject({ level: "contain" });
    expect((await responseOf(agent.id))?.score).toBeGreaterThan(0.9);
    const [alert] = await alertsOf(agent.id);
    expect(alert).toMatchObject({ rule: "behaviour-score", severity: "critical", count: 1 });
    expect(alert?.incidentId).not.toBeNull();
    const { contributions } = present(alert, "the alert").detail as { contributions: Contribution[] };
    expect(contributions.filter(({ flag }) => flag).map(({ feature }) => feature)).toEqual(
      expect.arrayContaining(["apiCallsPerMinute", "dataMegabytes", "patternSurprise", "timeOfDayDeviation"]),
    );
    const [token] = await database.db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
    expect(token?.revokedAt).not.toBeNull();
    const [row] = await database.db.select().from(agents).where(eq(agents.id, agent.id));
    expect(row?.status).toBe("contained");
    expect(await kindsOf(agent.id)).toEqual(
      expect.arrayContaining(["alert.raised", "isolation.changed", "response.changed"]),
    );
  });

  test("every stored score names its model, its version and the baseline it was measured against", async () => {
    const agent = await learntAgent();
    const night = T + 16.5 * 3_600_000;
    await behave(agent.id, night, 2, 850, { bytes: 1_200_000, order: shuffled });
    await work(night + 21_000);
    const [baseline] = await database.db.select().from(baselines).where(eq(baselines.agentId, agent.id));
    const [baselineId, baselineVersion] = [baseline?.id, 1];
    const scorer = modelName(behaviourScorer);
    expect(await responseOf(agent.id)).toMatchObject({ scorer, baselineId });
    const windows = await database.db
      .select()
      .from(featureWindows)
      .where(eq(featureWindows.agentId, agent.id));
    const live = windows.filter(({ source }) => source === "live");
    expect(live.length).toBeGreaterThan(0);
    for (const window of live) expect(window).toMatchObject({ scorer, baselineId });
    const [alert] = await alertsOf(agent.id);
    expect(alert?.detail).toMatchObject({ scorer, baselineId, baselineVersion });
    const records = await recordsOf(database.db, agent.id);
    const detailsOf = (kind: string) => records.find((record) => record.kind === kind)?.details;
    expect(detailsOf("response.changed")).toMatchObject({ scorer, baselineId, baselineVersion });
    expect(detailsOf("agent.contained")).toMatchObject({ scoredBy: { scorer, baselineId, baselineVersion } });
  });

  test("a score by fixed limits says so, and names no baseline", async () => {
    const agent = await makeAgent(database.db, new Date(T - 86_400_000));
    await behave(agent.id, T, 6, 17);
    await work(T + 61_000);
    expect(await responseOf(agent.id)).toMatchObject({ scorer: "fixed-limits/1", baselineId: null });
  });

  test("scoring the same again contains once", async () => {
    const agent = await learntAgent();
    await behave(agent.id, T, 2, 1_500);
    await work(T + 21_000);
    await behave(agent.id, T, 2, 1_500);
    await work(T + 22_000);
    expect(await alertsOf(agent.id)).toMatchObject([{ count: 1 }]);
    expect((await kindsOf(agent.id)).filter((kind) => kind === "isolation.changed")).toHaveLength(1);
  });

  test("a limited agent is slowed with an alert, and opened again after the calm, by the duty alone", async () => {
    const agent = await makeAgent(database.db, new Date(T));
    await behave(agent.id, T, 6, 200);
    await work(T + 61_000);
    expect(await isolationOf(agent.id)).toBe("limited");
    expect(await alertsOf(agent.id)).toMatchObject([{ severity: "high" }]);
    const [throttled] = await database.db.select().from(agents).where(eq(agents.id, agent.id));
    expect(throttled?.status).toBe("throttled");
    for (let minute = 2; minute <= 8; minute++) await work(T + minute * 61_000);
    expect(await responseOf(agent.id)).toMatchObject({ level: "record", score: 0 });
    expect(await isolationOf(agent.id)).toBe("open");
    const [active] = await database.db.select().from(agents).where(eq(agents.id, agent.id));
    expect(active?.status).toBe("active");
  });

  test("an agent that is learning is never contained by its score, whatever it does", async () => {
    const agent = await makeAgent(database.db, new Date(T));
    await behave(agent.id, T, 6, 3_000, { bytes: 50_000_000, order: shuffled });
    await work(T + 61_000);
    expect(await isolationOf(agent.id)).toBe("limited");
    const state = await responseOf(agent.id);
    expect(state?.score).toBeLessThanOrEqual(0.9);
    expect(JSON.stringify(state?.contributions)).toContain("learning: 0 of 2000 active minutes");
    const rows = await database.db.select().from(featureWindows).where(eq(featureWindows.agentId, agent.id));
    expect(rows).toMatchObject([{ score: null, excluded: true }]);
  });

  test("one agent whose response fails holds up nobody, and is tried again", async () => {
    const stuck = await learntAgent();
    const other = await learntAgent();
    // A retired agent cannot be contained any more: the flow refuses.
    await database.db.update(agents).set({ status: "retired" }).where(eq(agents.id, stuck.id));
    await behave(stuck.id, T, 2, 1_500);
    await behave(other.id, T, 2, 1_500);
    await work(T + 21_000);
    expect(await isolationOf(other.id)).toBe("deny_all");
    const fresh = await database.db.select().from(windowSlices).where(eq(windowSlices.agentId, stuck.id));
    expect(fresh.every((slice) => slice.revision > slice.scoredRevision)).toBe(true);
    await database.db.update(agents).set({ status: "active" }).where(eq(agents.id, stuck.id));
    await run(scoreWindows, T + 22_000);
    expect(await isolationOf(stuck.id)).toBe("deny_all");
  });

  test("a worker that lost its lease writes nothing", async () => {
    const agent = await learntAgent();
    await behave(agent.id, T, 2, 17);
    await vi.waitFor(async () => {
      await run(foldWindows, T + 21_000);
      expect(await database.db.$count(windowDeltas)).toBe(0);
    });
    const stale = { name: scoreWindows.name, holder: "worker-0", epoch: 0 };
    const context = {
      db: database.db,
      env: {} as Env,
      keys: {} as KeyStore,
      log: pino({ level: "silent" }),
      now: new Date(T),
      lease: stale,
      processId: "worker-0",
      publish: () => undefined,
    };
    await expect(scoreWindows.run(context)).rejects.toMatchObject({ code: "lease_lost" });
    expect(await responseOf(agent.id)).toBeUndefined();
  });
});

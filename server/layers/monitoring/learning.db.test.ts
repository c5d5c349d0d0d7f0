import { and, eq, isNull } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { baselines, featureWindows, isolationStates } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { importHistory } from "./import-history.ts";
import { learnAgentBaseline } from "./learn-baseline.ts";
import { agentsToLearn } from "./learning-store.ts";
import { readBehaviourSeries } from "./read-behaviour-series.ts";
import { makeAgent, makePerson, type Operator, recordsOf, SYSTEM } from "./testing/agents-and-people.ts";
import { usualWeeks } from "./testing/usual-weeks.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const WEEKS_AGO = NOW.getTime() - 21 * 86_400_000;
let database: TestDatabase;
let admin: Operator;
let analyst: Operator;
beforeAll(async () => {
  database = await createTestDatabase();
  admin = await makePerson(database.db, ["admin"], NOW);
  analyst = await makePerson(database.db, ["analyst"], NOW);
});
afterAll(() => database.close());

const as = (actor: VerbContext["actor"], now = NOW): VerbContext => ({ db: database.db, actor, now });
const history = (factor = 1, seed = 1, fromMs = WEEKS_AGO, weeks = 3) =>
  usualWeeks({ weeks, fromMs, timeZone: "UTC", seed }).map(({ atMs, features }) => ({
    at: new Date(atMs),
    calls: features.apiCallsPerMinute,
    megabytes: features.dataMegabytes * factor,
    endpoints: features.uniqueEndpoints,
  }));
const totals = {
  transitions: { "read>score": 90_000, "score>read": 90_000 },
  networks: { "10.1.2.0/24": 900_000 },
};

async function learntAgent(factor = 1) {
  const agent = await makeAgent(database.db, NOW);
  await importHistory(as(admin), { agentId: agent.id, windows: history(factor), ...totals });
  const outcome = await learnAgentBaseline(as(SYSTEM), { agentId: agent.id });
  return { agent, outcome };
}

describe("importing history", () => {
  test("is labelled, recorded with its digest, and never replaces what Vigil measured", async () => {
    const agent = await makeAgent(database.db, NOW);
    const windows = history().slice(0, 100);
    const measured = windows[0]?.at ?? NOW;
    await database.db
      .insert(featureWindows)
      .values({ agentId: agent.id, at: measured, features: { apiCallsPerMinute: 1 } });
    expect(await importHistory(as(admin), { agentId: agent.id, windows })).toEqual({ imported: 99 });
    expect(await importHistory(as(admin), { agentId: agent.id, windows })).toEqual({ imported: 0 });
    const rows = await database.db.select().from(featureWindows).where(eq(featureWindows.agentId, agent.id));
    expect(rows.filter((row) => row.source === "import")).toHaveLength(99);
    expect(rows.find((row) => row.source === "live")?.features).toEqual({ apiCallsPerMinute: 1 });
    const [record] = await recordsOf(database.db, agent.id);
    expect(record).toMatchObject({
      kind: "history.imported",
      actor: admin.email,
      details: { given: 100, imported: 99, digest: expect.stringMatching(/^sha256:/) },
    });
  });

  test("refuses the future, an unknown agent, and who may not", async () => {
    const agent = await makeAgent(database.db, NOW);
    const minute = { at: new Date(NOW.getTime() + 60_000), calls: 1, megabytes: 0, endpoints: 1 };
    const past = { ...minute, at: NOW };
    await expect(importHistory(as(admin), { agentId: agent.id, windows: [minute] })).rejects.toMatchObject({
      code: "window_in_future",
    });
    await expect(
      importHistory(as(admin), { agentId: crypto.randomUUID(), windows: [past] }),
    ).rejects.toMatchObject({ code: "agent_unknown" });
    await expect(importHistory(as(analyst), { agentId: agent.id, windows: [past] })).rejects.toMatchObject({
      code: "not_permitted",
    });
    expect(await recordsOf(database.db, agent.id)).toEqual([]);
  });
});

describe("learning a baseline", () => {
  test("makes a version with its record, and the next retires it", async () => {
    const { agent, outcome } = await learntAgent();
    expect(outcome).toMatchObject({ kind: "learnt", version: 1 });
    expect(await learnAgentBaseline(as(SYSTEM), { agentId: agent.id })).toMatchObject({ version: 2 });
    const active = await database.db
      .select()
      .from(baselines)
      .where(and(eq(baselines.agentId, agent.id), isNull(baselines.retiredAt)));
    expect(active).toMatchObject([{ version: 2, createdBy: "monitoring" }]);
    const kinds = (await recordsOf(database.db, agent.id)).map((record) => record.kind);
    expect(kinds).toEqual(["history.imported", "baseline.learnt", "baseline.learnt"]);
  });

  test("is refused while there is too little, while the agent is contained, and to who may not", async () => {
    const agent = await makeAgent(database.db, NOW);
    await importHistory(as(admin), { agentId: agent.id, windows: history().slice(0, 500) });
    await expect(learnAgentBaseline(as(SYSTEM), { agentId: agent.id })).rejects.toMatchObject({
      code: "still_learning",
      message: expect.stringContaining("500 of 2000 active minutes"),
    });
    const auditor = await makePerson(database.db, ["auditor"], NOW);
    await expect(learnAgentBaseline(as(auditor), { agentId: agent.id })).rejects.toMatchObject({
      code: "not_permitted",
    });
    await expect(learnAgentBaseline(as(admin), { agentId: agent.id })).rejects.toMatchObject({
      code: "two_people_needed",
    });
    const { agent: contained } = await learntAgent();
    await database.db
      .insert(isolationStates)
      .values({ agentId: contained.id, state: "deny_all", changedAt: NOW, changedBy: "test" });
    await expect(learnAgentBaseline(as(SYSTEM), { agentId: contained.id })).rejects.toMatchObject({
      code: "baseline_frozen",
    });
  });

  test("the newest quarter of an hour is left out: no minute is ever part of what it is measured against", async () => {
    const older = history().filter(({ at }) => at.getTime() < NOW.getTime() - 15 * 60_000);
    const burst = Array.from({ length: 14 }, (_, minute) => ({
      ...{ at: new Date(NOW.getTime() - minute * 60_000), calls: 9_000, megabytes: 900, endpoints: 90 },
    }));
    const learntFrom = async (windows: typeof older) => {
      const agent = await makeAgent(database.db, NOW);
      await importHistory(as(admin), { agentId: agent.id, windows, ...totals });
      await learnAgentBaseline(as(SYSTEM), { agentId: agent.id });
      const [row] = await database.db.select().from(baselines).where(eq(baselines.agentId, agent.id));
      return row;
    };
    const [quiet, attacked] = [await learntFrom(older), await learntFrom([...older, ...burst])];
    expect(attacked?.learntTo.getTime()).toBeLessThanOrEqual(NOW.getTime() - 15 * 60_000);
    expect(attacked?.model).toEqual(quiet?.model);
  });

  test("minutes that were kept out are not learnt", async () => {
    const { agent } = await learntAgent();
    await database.db
      .update(featureWindows)
      .set({ excluded: true })
      .where(eq(featureWindows.agentId, agent.id));
    await expect(learnAgentBaseline(as(SYSTEM), { agentId: agent.id })).rejects.toMatchObject({
      code: "still_learning",
    });
  });

  test("on its own it does not follow a drift", async () => {
    const { agent } = await learntAgent();
    await database.asSuper((client) =>
      client.query("delete from feature_windows where agent_id = $1", [agent.id]),
    );
    await importHistory(as(admin), { agentId: agent.id, windows: history(4, 2), ...totals });
    const duty = await learnAgentBaseline(as(SYSTEM), { agentId: agent.id });
    expect(duty).toMatchObject({
      kind: "drifted",
      drift: { feature: expect.stringMatching(/dataMegabytes|bytesPerCall/) },
    });
    const kinds = (await recordsOf(database.db, agent.id)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "baseline.learnt")).toHaveLength(1);
  });

  test("comes due once there is enough, then after a day with new minutes, and not while frozen", async () => {
    const agent = await makeAgent(database.db, NOW);
    await importHistory(as(admin), { agentId: agent.id, windows: history().slice(0, 2_500) });
    const due = async (now = NOW) => (await agentsToLearn(database.db, now, 100)).includes(agent.id);
    expect(await due()).toBe(false);
    await importHistory(as(admin), { agentId: agent.id, windows: history(), ...totals });
    expect(await due()).toBe(true);
    await learnAgentBaseline(as(SYSTEM), { agentId: agent.id });
    expect(await due()).toBe(false);
    const nextDay = new Date(NOW.getTime() + 86_400_000 + 3_600_000);
    expect(await due(nextDay)).toBe(false);
    await importHistory(as(admin, nextDay), {
      agentId: agent.id,
      windows: Array.from({ length: 100 }, (_, i) => ({
        at: new Date(NOW.getTime() + (i + 1) * 60_000),
        calls: 90,
        megabytes: 15,
        endpoints: 5,
      })),
    });
    expect(await due(nextDay)).toBe(true);
    await database.db
      .insert(isolationStates)
      .values({ agentId: agent.id, state: "deny_all", changedAt: NOW, changedBy: "test" });
    expect(await due(nextDay)).toBe(false);
  });
});

describe("the behaviour series", () => {
  test("is at most as many points as asked for, with the band of its baseline", async () => {
    const { agent } = await learntAgent();
    const ask = { agent: agent.name, feature: "dataMegabytes" as const, from: new Date(WEEKS_AGO), to: NOW };
    const series = await readBehaviourSeries(as(analyst), { ...ask, points: 300 });
    expect(series.points.length).toBeGreaterThan(50);
    expect(series.points.length).toBeLessThanOrEqual(300);
    const busy = series.points.find((p) => p.at.getUTCHours() === 11 && p.at.getUTCDay() === 2);
    expect(busy).toMatchObject({ imported: true, low: expect.any(Number), high: expect.any(Number) });
    expect(busy?.value).toBeGreaterThan(busy?.low ?? 0);
    expect(busy?.value).toBeLessThan(busy?.high ?? 0);
    expect(series.baseline).toMatchObject({ version: 1, timeZone: "UTC" });
    const last = await readBehaviourSeries(as(analyst), {
      ...ask,
      from: new Date("2026-11-20T10:00:00Z"),
      to: new Date("2026-11-20T11:00:00Z"),
    });
    expect(last).toMatchObject({ stepMs: 60_000, points: { length: 60 } });
  });

  test("of an agent that learns says how far it has come", async () => {
    const agent = await makeAgent(database.db, NOW);
    await importHistory(as(admin), { agentId: agent.id, windows: history().slice(0, 700) });
    const series = await readBehaviourSeries(as(analyst), {
      agent: agent.did,
      from: new Date(WEEKS_AGO),
      to: NOW,
    });
    expect(series).toMatchObject({
      baseline: null,
      learning: { words: "learning: 700 of 2000 active minutes, 2 of 7 days" },
    });
    await expect(
      readBehaviourSeries(as(analyst), { agent: "nobody", from: new Date(WEEKS_AGO), to: NOW }),
    ).rejects.toMatchObject({ code: "agent_unknown" });
  });
});

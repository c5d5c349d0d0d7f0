import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alerts, baselines, featureWindows, responseStates } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { listWatchedAgents } from "./list-watched-agents.ts";
import { readBehaviourOverview } from "./read-behaviour-overview.ts";
import { makeAgent, makePerson, type Operator } from "./testing/agents-and-people.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const HOUR = 3_600_000;
const ago = (ms: number) => new Date(NOW.getTime() - ms);
const FEATURES = {
  apiCallsPerMinute: 5,
  dataMegabytes: 1,
  uniqueEndpoints: 1,
  bytesPerCall: 1,
  refusedRatio: 0,
};
const WHY = [{ feature: "dataMegabytes", words: "data volume 9.4 deviations above Tuesday 03:00" }];

let database: TestDatabase;
let analyst: Operator;
let names: Record<"calm" | "odd" | "wild" | "fresh", string>;
const ctx = (actor = analyst) => ({ db: database.db, actor, now: NOW });

beforeAll(async () => {
  database = await createTestDatabase();
  analyst = await makePerson(database.db, ["analyst"], NOW);
  const [calm, odd, wild, fresh] = await Promise.all(
    Array.from({ length: 4 }, () => makeAgent(database.db, NOW)),
  );
  if (!calm || !odd || !wild || !fresh) throw new Error("four agents were not made");
  names = { calm: calm.name, odd: odd.name, wild: wild.name, fresh: fresh.name };
  for (const { id } of [calm, odd, wild])
    await database.db.insert(baselines).values({
      ...{ id: uuidv7(NOW.getTime()), agentId: id, version: 1, model: {}, windows: 2_000, createdBy: "test" },
      ...{ learntFrom: ago(40 * 24 * HOUR), learntTo: ago(20 * 24 * HOUR), createdAt: ago(20 * 24 * HOUR) },
    });
  const state = (agentId: string, level: string, score: number | null) => ({
    ...{ agentId, level, score, since: ago(HOUR), scoredAt: score === null ? null : NOW, contributions: [] },
  });
  await database.db
    .insert(responseStates)
    .values([state(calm.id, "none", 0.1), state(odd.id, "limit", 0.75), state(wild.id, "contain", 0.97)]);
  const minute = (agentId: string, at: Date, score: number | null) => ({
    ...{ agentId, at, features: FEATURES, score, contributions: WHY },
  });
  await database.db.insert(featureWindows).values([
    ...[0, 1, 2].map((day) => minute(calm.id, ago(day * 24 * HOUR + 60_000), 0.2)),
    // Three minutes of one hour are one alarm; the exact line is none.
    ...[1, 2, 3].map((m) => minute(odd.id, ago(2 * HOUR + m * 60_000), 0.6 + m / 100)),
    minute(odd.id, ago(5 * HOUR), 0.5),
    minute(odd.id, ago(30 * HOUR), 0.75),
    minute(wild.id, ago(3 * HOUR + 60_000), 0.97),
    minute(wild.id, ago(8 * 24 * HOUR), 0.99),
    minute(fresh.id, ago(60_000), null),
    // The minute that is running is named by its end.
    minute(odd.id, ago(-30_000), 0.51),
  ]);
  const closed = { kind: "behaviour", severity: "high", title: "odd", detail: {}, status: "closed" } as const;
  await database.db.insert(alerts).values([
    {
      ...{ ...closed, id: uuidv7(NOW.getTime()), agentId: wild.id, rule: "behaviour-score" },
      ...{ openedAt: ago(3 * HOUR), lastSeenAt: ago(3 * HOUR), disposition: "true-positive" },
    },
    {
      ...{ ...closed, id: uuidv7(NOW.getTime()), agentId: odd.id, rule: "behaviour-score" },
      ...{ openedAt: ago(30 * HOUR), lastSeenAt: ago(30 * HOUR), disposition: "benign" },
    },
  ]);
});
afterAll(() => database.close());

describe("agents by their score", () => {
  it("come highest first, those never scored last, and say how far learning has come", async () => {
    const { agents, nextCursor } = await listWatchedAgents(ctx(), {});
    expect(agents.map(({ name }) => name)).toEqual([names.wild, names.odd, names.calm, names.fresh]);
    expect(agents[0]).toMatchObject({ level: "contain", baselineVersion: 1, learning: null });
    expect(agents[3]).toMatchObject({
      score: null,
      level: "none",
      learning: expect.stringContaining("0 of 2000"),
    });
    expect(nextCursor).toBeNull();
  });

  it("are the same page by page as at once, and by filter", async () => {
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await listWatchedAgents(ctx(), { limit: 1, ...(cursor && { cursor }) });
      seen.push(...page.agents.map(({ name }) => name));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual([names.wild, names.odd, names.calm, names.fresh]);
    const only = async (filter: object) =>
      (await listWatchedAgents(ctx(), filter)).agents.map(({ name }) => name);
    expect(await only({ level: "limit" })).toEqual([names.odd]);
    expect(await only({ baseline: "learning" })).toEqual([names.fresh]);
    expect(await only({ search: names.calm.slice(0, 9) })).toEqual([names.calm]);
    expect(await only({ search: "%" })).toEqual([]);
  });

  it.each(["", "x", "1~", "1~A B", "NaN~a", "1~a' or 1=1"])("a cursor of %j is refused", async (cursor) => {
    await expect(listWatchedAgents(ctx(), { cursor })).rejects.toMatchObject({ code: "cursor_invalid" });
  });
});

describe("behaviour at a glance", () => {
  it("counts agents by where they stand, and a learning one as nothing else", async () => {
    const { counts } = await readBehaviourOverview(ctx(), {});
    expect(counts).toEqual({ none: 1, record: 0, limit: 1, contain: 1, learning: 1 });
  });

  it("lists an agent's highest minute of each bucket above the first line, highest first", async () => {
    const { strip } = await readBehaviourOverview(ctx(), { hours: 24 });
    expect(strip.anomalies.map(({ agent, score }) => [agent, score])).toEqual([
      [names.wild, 0.97],
      [names.odd, 0.63],
      [names.odd, 0.51],
    ]);
    expect(strip.anomalies[0]?.words).toContain("9.4 deviations above");
    expect(strip.total).toBe(3);
    expect((await readBehaviourOverview(ctx(), { hours: 168 })).strip.total).toBe(4);
    await expect(readBehaviourOverview(ctx(), { hours: 10_000 })).rejects.toThrow(/168 hours/);
  });

  it("counts a standing alarm once an hour against the days that were scored, with what analysts said", async () => {
    const { budget } = await readBehaviourOverview(ctx(), {});
    expect(budget.agentDays).toBe(6); // calm on three days, odd on two, wild on one: eight days ago is outside
    expect(budget.alarms).toEqual({ record: 4, limit: 2, contain: 1 });
    expect(budget.judgedTrue).toEqual({ record: 1, limit: 1, contain: 1 });
    expect(budget.judgedFalse).toEqual({ record: 1, limit: 1, contain: 0 });
    expect(budget.declared).toEqual({ record: 1, limit: 0.1, contain: 0.01 });
  });

  it("refuses whoever lacks the permission", async () => {
    const nobody = await makePerson(database.db, [], NOW);
    await expect(readBehaviourOverview(ctx(nobody), {})).rejects.toMatchObject({ code: "not_permitted" });
    await expect(listWatchedAgents(ctx(nobody), {})).rejects.toMatchObject({ code: "not_permitted" });
  });
});

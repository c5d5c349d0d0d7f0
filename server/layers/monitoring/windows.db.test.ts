import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { windowDeltas, windowSlices } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { mergeSlices, type Slice } from "./engine/slice.ts";
import { foldDeltas } from "./fold-deltas.ts";
import { addDelta, makeAgent, sliceOfCalls } from "./testing/agents-and-people.ts";
import { dropSlicesBefore } from "./window-store.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const T = NOW.getTime();
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const fold = (limit = 100) => database.db.transaction((tx) => foldDeltas(tx, limit));
/** Folds until nothing of the agent is left: a transaction anywhere on the server may hold deltas back for a moment. */
async function foldAllOf(agentId: string, limit = 100): Promise<{ folded: number; unreadable: number }> {
  const total = { folded: 0, unreadable: 0 };
  await vi.waitFor(async () => {
    const { folded, unreadable } = await fold(limit);
    total.folded += folded;
    total.unreadable += unreadable;
    expect(await database.db.$count(windowDeltas, eq(windowDeltas.agentId, agentId))).toBe(0);
  });
  return total;
}
async function sliceAt(agentId: string, sliceMs: number) {
  const rows = await database.db.select().from(windowSlices).where(eq(windowSlices.agentId, agentId));
  return rows.find((row) => row.sliceAt.getTime() === sliceMs);
}

describe("folding", () => {
  test("each delta is counted once, in whatever parts it is folded", async () => {
    const agent = await makeAgent(database.db, NOW);
    const parts = [5, 7, 11].map((calls, i) => sliceOfCalls(calls, T + i));
    for (const part of parts) await addDelta(database.db, agent.id, T, part);
    expect((await foldAllOf(agent.id, 2)).folded).toBe(3);
    expect((await fold()).folded).toBe(0);
    const row = await sliceAt(agent.id, T);
    expect(row?.state).toEqual(parts.reduce((a, b) => mergeSlices(a, b)));
    expect(row?.revision).toBeGreaterThanOrEqual(2);
    expect(row?.scoredRevision).toBe(0);
  });

  test("a fold that fails has folded nothing, and the next one folds it once", async () => {
    const agent = await makeAgent(database.db, NOW);
    await addDelta(database.db, agent.id, T, sliceOfCalls(9, T));
    await expect(
      database.db.transaction(async (tx) => {
        await foldDeltas(tx, 100);
        throw new Error("the process dies");
      }),
    ).rejects.toThrow("dies");
    expect(await sliceAt(agent.id, T)).toBeUndefined();
    await foldAllOf(agent.id);
    expect((await sliceAt(agent.id, T))?.state).toMatchObject({ calls: 9 });
  });

  test("a transaction that began earlier and commits later is not passed over", async () => {
    const agent = await makeAgent(database.db, NOW);
    await database.asSuper(async (slow) => {
      await slow.query("begin");
      await slow.query("insert into window_deltas (agent_id, slice_at, delta) values ($1, $2, $3)", [
        agent.id,
        NOW,
        JSON.stringify(sliceOfCalls(3, T)),
      ]);
      await addDelta(database.db, agent.id, T, sliceOfCalls(4, T));
      await fold();
      expect(await sliceAt(agent.id, T)).toBeUndefined();
      await slow.query("commit");
    });
    await foldAllOf(agent.id);
    expect((await sliceAt(agent.id, T))?.state as Slice).toMatchObject({ calls: 7 });
  });

  test("a row that is no slice is counted as unreadable and stops nobody", async () => {
    const agent = await makeAgent(database.db, NOW);
    for (const bad of [[], 7, "x", {}, { v: 2 }, { v: 1, calls: "many", endpoints: [] }])
      await addDelta(database.db, agent.id, T, bad);
    await addDelta(database.db, agent.id, T, { v: 1, calls: 2, endpoints: [] });
    expect(await foldAllOf(agent.id)).toMatchObject({ folded: 7, unreadable: 6 });
    expect((await sliceAt(agent.id, T))?.state).toMatchObject({ calls: 2, bytes: 0 });
  });
});

describe("old slices", () => {
  test("go when they are scored, and stay while anything of their time is not", async () => {
    const [done, waiting, unfolded] = [
      await makeAgent(database.db, NOW),
      await makeAgent(database.db, NOW),
      await makeAgent(database.db, NOW),
    ];
    const add = (agentId: string, sliceMs: number, scoredRevision: number) =>
      database.db
        .insert(windowSlices)
        .values({ agentId, sliceAt: new Date(sliceMs), state: sliceOfCalls(1, sliceMs), scoredRevision });
    for (const { id } of [done, waiting, unfolded]) await add(id, T - 10_000, 1);
    await add(waiting.id, T + 10_000, 0);
    await addDelta(database.db, unfolded.id, T + 10_000, sliceOfCalls(1, T));
    const drop = () => database.db.transaction((tx) => dropSlicesBefore(tx, NOW));
    const left = (id: string) => database.db.$count(windowSlices, eq(windowSlices.agentId, id));
    await drop();
    expect([await left(done.id), await left(waiting.id), await left(unfolded.id)]).toEqual([0, 2, 1]);
    await foldAllOf(unfolded.id);
    for (const { id } of [waiting, unfolded])
      await database.db.update(windowSlices).set({ scoredRevision: 1 }).where(eq(windowSlices.agentId, id));
    await drop();
    expect([await left(waiting.id), await left(unfolded.id)]).toEqual([1, 1]);
  });
});

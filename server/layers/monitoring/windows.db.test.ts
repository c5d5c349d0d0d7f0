import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { windowDeltas, windowSlices } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { mergeSlices, type Slice } from "./engine/slice.ts";
import { foldDeltas } from "./fold-deltas.ts";
import { addDelta, makeAgent, sliceOfCalls } from "./testing/agents-and-people.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const T = NOW.getTime();
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const fold = (limit = 100) => database.db.transaction((tx) => foldDeltas(tx, limit));
async function sliceAt(agentId: string, sliceMs: number) {
  const rows = await database.db.select().from(windowSlices).where(eq(windowSlices.agentId, agentId));
  return rows.find((row) => row.sliceAt.getTime() === sliceMs);
}

describe("folding", () => {
  test("each delta is counted once, in whatever parts it is folded", async () => {
    const agent = await makeAgent(database.db, NOW);
    const parts = [5, 7, 11].map((calls, i) => sliceOfCalls(calls, T + i));
    for (const part of parts) await addDelta(database.db, agent.id, T, part);
    expect((await fold(2)).folded).toBe(2);
    expect((await sliceAt(agent.id, T))?.state).toMatchObject({ calls: 12 });
    expect((await fold(2)).folded).toBe(1);
    expect((await fold(2)).folded).toBe(0);
    const row = await sliceAt(agent.id, T);
    expect(row?.state).toEqual(parts.reduce((a, b) => mergeSlices(a, b)));
    expect(row).toMatchObject({ revision: 2, scoredRevision: 0 });
    expect(await database.db.$count(windowDeltas)).toBe(0);
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
    await fold();
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
    await fold();
    expect((await sliceAt(agent.id, T))?.state as Slice).toMatchObject({ calls: 7 });
  });

  test("a row that is no slice is counted as unreadable and stops nobody", async () => {
    const agent = await makeAgent(database.db, NOW);
    for (const bad of [null, 7, "x", {}, { v: 2 }, { v: 1, calls: "many", endpoints: [] }])
      await addDelta(database.db, agent.id, T, bad);
    await addDelta(database.db, agent.id, T, { v: 1, calls: 2, endpoints: [] });
    expect(await fold()).toMatchObject({ folded: 7, unreadable: 6 });
    expect((await sliceAt(agent.id, T))?.state).toMatchObject({ calls: 2, bytes: 0 });
  });
});

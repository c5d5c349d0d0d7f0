import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Action } from "../server/layers/monitoring/action.ts";
import { readActionLines } from "./read-action-lines.ts";
import { type ReplayOptions, replay } from "./replay.ts";

const START_MS = Date.parse("2026-11-23T08:00:00.000Z");
const at = (ms: number): Action => ({ action: "transactions:read", at: new Date(ms).toISOString() });
const settings: ReplayOptions = {
  ...{ rebaseToNow: false, pace: null, batchMax: 1_000, lingerMs: 50, now: () => new Date(START_MS) },
};
async function* from(actions: Action[]): AsyncGenerator<Action> {
  yield* actions;
}
const all = async (actions: AsyncIterable<Action>, more: Partial<ReplayOptions> = {}) => {
  const batches: Action[][] = [];
  for await (const batch of replay(actions, { ...settings, ...more })) batches.push(batch);
  return batches;
};

describe("replaying actions", () => {
  test("keeps every action, in order, in batches no larger than allowed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1e9)), fc.integer({ min: 1, max: 9 }), async (instants, batchMax) => {
        const given = instants.map(at);
        const batches = await all(from(given), { batchMax });
        expect(batches.flat()).toEqual(given);
        expect(batches.every((batch) => batch.length > 0 && batch.length <= batchMax)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test("moved to now, the newest of a batch is now, gaps stay, and the recorded instant is kept", async () => {
    const [batch] = await all(from([at(0), at(4_000), at(10_000)]), { rebaseToNow: true });
    expect(batch?.map((each) => START_MS - Date.parse(each.at))).toEqual([10_000, 6_000, 0]);
    expect(batch?.[1]?.details?.recordedAt).toBe(new Date(4_000).toISOString());
  });

  test("at a pace, actions wait until they are due and carry the instant they were due", async () => {
    const batches = await all(from([at(0), at(1_000), at(30_000)]), {
      ...{ rebaseToNow: true, pace: 100, lingerMs: 20, now: () => new Date() },
    });
    const instants = batches.flat().map((each) => Date.parse(each.at));
    expect((instants[2] ?? 0) - (instants[0] ?? 0)).toBe(300);
    expect(batches).toHaveLength(2);
    expect(Date.now()).toBeGreaterThanOrEqual(instants[2] ?? Number.POSITIVE_INFINITY);
  });

  test("does not hold back a batch for a stream that pauses", async () => {
    const stream = new PassThrough();
    const batches = replay(readActionLines(stream), { ...settings, now: () => new Date() });
    stream.write(`${JSON.stringify(at(0))}\n`);
    expect((await batches.next()).value).toHaveLength(1);
    stream.end(`${JSON.stringify(at(1))}\n\n`);
    expect((await batches.next()).value).toHaveLength(1);
    expect((await batches.next()).done).toBe(true);
  });
});

test.each([
  ["not JSON", "{"],
  ["an unknown member", '{"action":"a","at":"2026-11-23T08:00:00Z","admin":true}'],
  ["no instant", '{"action":"a"}'],
])("a line with %s is refused by its number", async (_, line) => {
  const stream = new PassThrough();
  stream.end(`${JSON.stringify(at(0))}\n${line}\n`);
  const read = async () => {
    for await (const each of readActionLines(stream)) void each;
  };
  await expect(read()).rejects.toMatchObject({ code: "line_malformed", facts: { line: 2 } });
});

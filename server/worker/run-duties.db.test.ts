import pino from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { notify } from "../../db/listen.ts";
import { leases } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Env } from "../env.ts";
import type { KeyStore } from "../keys/key-store.ts";
import type { Duty, DutyContext } from "./duty.ts";
import { holdLease } from "./lease.ts";
import { runDuties, type WorkerContext } from "./run-duties.ts";

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await createTestDatabase();
});
afterAll(() => test_.close());

const context = (processId: string): WorkerContext => ({
  db: test_.db,
  env: { databaseUrl: test_.urls.app } as Env,
  keys: {} as KeyStore,
  log: pino({ level: "silent" }),
  processId,
});

function duty(
  name: string,
  run: (c: DutyContext) => Promise<{ more: boolean }>,
  more: Partial<Duty> = {},
): Duty {
  return { name, everyMs: 60_000, wakes: [], run, ...more };
}

const done = async () => ({ more: false });

describe("runDuties", () => {
  test("a duty runs at once when a topic it wakes for is committed, and not for others", async () => {
    const run = vi.fn(done);
    const running = runDuties([duty("wakes", run, { wakes: ["clock"] })], context("w1"));
    await vi.waitFor(() => expect(running.said()).toMatchObject({ wakes: { state: "running" } }));
    const settled = () => run.mock.calls.length;
    await vi.waitFor(() => expect(settled()).toBeGreaterThan(0));
    const before = settled();
    await notify(test_.db, "approval", "x");
    await notify(test_.db, "clock", "x");
    await vi.waitFor(() => expect(settled()).toBeGreaterThan(before));
    await running.close();
  });

  test("a hundred notices run a resting duty a few times, and the last notice is not missed", async () => {
    const begun: number[] = [];
    const run = async () => {
      begun.push(performance.now());
      return { more: false };
    };
    const running = runDuties([duty("rests", run, { wakes: ["record"], restMs: 50 })], context("w1"));
    await vi.waitFor(() => expect(running.said()).toMatchObject({ rests: { state: "running" } }));
    let lastAt = 0;
    for (let i = 0; i < 100; i++) {
      lastAt = performance.now();
      await notify(test_.db, "record", String(i));
    }
    await vi.waitFor(() => expect(begun.at(-1)).toBeGreaterThan(lastAt));
    const gaps = begun.slice(1).map((at, i) => at - (begun[i] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(45);
    await running.close();
  });

  test("it runs again at once while more is waiting", async () => {
    let left = 5;
    const running = runDuties([duty("more", async () => ({ more: --left > 0 }))], context("w1"));
    await vi.waitFor(() => expect(left).toBeLessThanOrEqual(0), { timeout: 3_000 });
    await running.close();
  });

  test("of two workers one runs a duty, and the other takes over when it ends", async () => {
    const by: string[] = [];
    const note = async ({ processId }: DutyContext) => {
      by.push(processId);
      return { more: false };
    };
    const make = (id: string) => runDuties([duty("once", note, { everyMs: 20 })], context(id));
    const first = make("first");
    await vi.waitFor(() => expect(by).toContain("first"));
    const second = make("second");
    const seen = by.length;
    await vi.waitFor(() => expect(by.length).toBeGreaterThan(seen + 10));
    expect(by).not.toContain("second");
    expect(second.said()).toMatchObject({ once: { state: "standby" } });
    await first.close();
    await vi.waitFor(() => expect(by).toContain("second"), { timeout: 4_000 });
    await second.close();
  });

  test("a run that fails is reported, tried again after a pause, and takes no other duty with it", async () => {
    let attempts = 0;
    const healthy = vi.fn(done);
    const failing = async () => {
      attempts += 1;
      if (attempts < 3) throw new Error("the disk is full");
      return { more: false };
    };
    const running = runDuties(
      [duty("fails", failing), duty("healthy", healthy, { everyMs: 10 })],
      context("w1"),
    );
    await vi.waitFor(() =>
      expect(running.said()).toMatchObject({ fails: { state: "failing", lastError: "the disk is full" } }),
    );
    const calls = healthy.mock.calls.length;
    await vi.waitFor(() => expect(healthy.mock.calls.length).toBeGreaterThan(calls));
    await vi.waitFor(
      () => expect(running.said()).toMatchObject({ fails: { state: "running", failures: 2 } }),
      { timeout: 5_000 },
    );
    await running.close();
  });

  test("a worker whose lease was taken cannot write, and stands by", async () => {
    let writes = 0;
    const write = async ({ db, lease }: DutyContext) => {
      await db.transaction(async (tx) => {
        await holdLease(tx, lease);
        writes += 1;
      });
      return { more: false };
    };
    const running = runDuties([duty("fenced", write, { everyMs: 20 })], context("slow"));
    await vi.waitFor(() => expect(writes).toBeGreaterThan(2));
    const later = new Date(Date.now() + 60_000);
    await test_.db.update(leases).set({ holder: "thief", epoch: 99, expiresAt: later });
    await vi.waitFor(() => expect(running.said()).toMatchObject({ fenced: { state: "standby" } }), {
      timeout: 5_000,
    });
    const after = writes;
    await running.close();
    expect(writes).toBe(after);
    expect(await test_.db.select().from(leases)).toContainEqual(
      expect.objectContaining({ name: "fenced", holder: "thief", epoch: 99 }),
    );
  });
});

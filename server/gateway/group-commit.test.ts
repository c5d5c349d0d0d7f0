import { setTimeout as wait } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import type { CommitOutcome, Entry } from "../flows/admit-action/entry.ts";
import { BATCH_SIZE_MAX, createGroupCommit, SPACING_MS } from "./group-commit.ts";

const entry = (id: string, bytes = 100) =>
  ({ agentId: id, record: { body: Buffer.alloc(bytes) }, payload: null }) as unknown as Entry;
const written = (entries: Entry[]): Promise<CommitOutcome[]> =>
  Promise.resolve(entries.map(() => ({ kind: "written" })));
const clock = () => performance.now();

it("answers nobody before their batch is written", async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const queue = createGroupCommit(async (entries) => {
    await gate;
    return written(entries);
  }, clock);
  const answered = vi.fn();
  const commit = queue.commit(entry("a")).then(answered);
  await wait(30);
  expect(answered).not.toHaveBeenCalled();
  release();
  await commit;
  expect(answered).toHaveBeenCalledWith({ kind: "written" });
});

it("writes many requests in few transactions of at most 256, and gives each its own outcome", async () => {
  const batches: number[] = [];
  const queue = createGroupCommit(async (entries) => {
    batches.push(entries.length);
    await wait(2);
    return entries.map(({ agentId }) => ({ kind: "replayed", status: Number(agentId), answer: {} }));
  }, clock);
  const outcomes = await Promise.all(Array.from({ length: 1_000 }, (_, i) => queue.commit(entry(String(i)))));
  expect(outcomes.map((it) => (it as { status: number }).status)).toEqual([...Array(1_000).keys()]);
  expect(Math.max(...batches)).toBeLessThanOrEqual(256);
  expect(batches.length).toBeLessThan(10);
});

it("a record that the database refuses fails alone", async () => {
  const queue = createGroupCommit(async (entries) => {
    if (entries.some((it) => it.agentId === "bad"))
      throw Object.assign(new Error("invalid byte"), { code: "22021" });
    return written(entries);
  }, clock);
  const results = await Promise.allSettled(["a", "bad", "b"].map((id) => queue.commit(entry(id))));
  expect(results.map((it) => it.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: { code: "record_refused" } });
});

it("when the database is away everybody is told to try again, once", async () => {
  const write = vi.fn(() => Promise.reject(Object.assign(new Error("gone"), { code: "57P01" })));
  const queue = createGroupCommit(write, clock);
  const results = await Promise.allSettled([queue.commit(entry("a")), queue.commit(entry("b"))]);
  for (const it of results) expect(it).toMatchObject({ reason: { code: "record_not_written", status: 503 } });
  expect(write).toHaveBeenCalledTimes(1);
});

it("refuses before memory grows: by number and by bytes", async () => {
  const never = () => new Promise<CommitOutcome[]>(() => {});
  const many = createGroupCommit(never, clock);
  for (let i = 0; i < 4_096 + 2 * 256; i++) void many.commit(entry("a")).catch(() => undefined);
  await expect(many.commit(entry("a"))).rejects.toMatchObject({ code: "gateway_busy", status: 503 });
  const large = createGroupCommit(never, clock);
  const eightMegabytes = 8 * 1024 * 1024;
  for (let i = 0; i < 8; i++) void large.commit(entry("a", eightMegabytes)).catch(() => undefined);
  await expect(large.commit(entry("a", eightMegabytes))).rejects.toMatchObject({ code: "gateway_busy" });
});

it("draining writes what waits, and takes nothing more", async () => {
  const queue = createGroupCommit(async (entries) => {
    await wait(5);
    return written(entries);
  }, clock);
  const commits = Array.from({ length: 600 }, () => queue.commit(entry("a")));
  await queue.drain();
  expect(await Promise.all(commits)).toHaveLength(600);
  await expect(queue.commit(entry("a"))).rejects.toMatchObject({ code: "gateway_stopping" });
});

it("who comes alone is written at once, however quickly one follows the other", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  try {
    const queue = createGroupCommit(written, clock);
    for (let i = 0; i < 50; i++) await queue.commit(entry(String(i)));
  } finally {
    vi.useRealTimers();
  }
});

it("under load batches begin at most each five milliseconds, and a full one does not wait", async () => {
  let nowMs = 1_000;
  const batches: { at: number; size: number }[] = [];
  const write = async (entries: Entry[]) => {
    batches.push({ at: nowMs, size: entries.length });
    return written(entries);
  };
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const queue = createGroupCommit(write, () => nowMs);
    await Promise.all([queue.commit(entry("a")), queue.commit(entry("b"))]);
    const later = [queue.commit(entry("c")), queue.commit(entry("d"))];
    await new Promise(setImmediate);
    expect(batches).toEqual([{ at: 1_000, size: 2 }]);
    nowMs += SPACING_MS;
    vi.advanceTimersByTime(SPACING_MS);
    await Promise.all(later);
    expect(batches[1]).toEqual({ at: 1_000 + SPACING_MS, size: 2 });
    const full = Array.from({ length: BATCH_SIZE_MAX }, () => queue.commit(entry("e")));
    await Promise.all(full);
    expect(batches[2]).toEqual({ at: 1_000 + SPACING_MS, size: BATCH_SIZE_MAX });
  } finally {
    vi.useRealTimers();
  }
});

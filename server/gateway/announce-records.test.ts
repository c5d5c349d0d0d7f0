import { setTimeout as wait } from "node:timers/promises";
import pino from "pino";
import { expect, it, vi } from "vitest";
import type { Database } from "../../db/client.ts";
import { announceRecords } from "./announce-records.ts";

const log = pino({ level: "silent" });
const dbWith = (execute: () => Promise<unknown>) => ({ execute }) as unknown as Database;

it("the first records are announced at once, a hundred more in a few notices, and the last are not left out", async () => {
  const execute = vi.fn(async () => undefined);
  const records = announceRecords(dbWith(execute), log);
  records.announce();
  expect(execute).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 100; i++) records.announce();
  expect(execute).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(execute).toHaveBeenCalledTimes(2));
  await wait(60);
  expect(execute).toHaveBeenCalledTimes(2);
  await records.close();
});

it("closing says what was still to be said, and nothing afterwards", async () => {
  const execute = vi.fn(async () => undefined);
  const records = announceRecords(dbWith(execute), log);
  records.announce();
  records.announce();
  await records.close();
  expect(execute).toHaveBeenCalledTimes(2);
  await wait(60);
  expect(execute).toHaveBeenCalledTimes(2);
});

it("a database that is away fails nobody's admission, and the next records are announced again", async () => {
  const execute = vi.fn(async (): Promise<unknown> => Promise.reject(new Error("gone")));
  const records = announceRecords(dbWith(execute), log);
  expect(() => records.announce()).not.toThrow();
  records.announce();
  await vi.waitFor(() => expect(execute).toHaveBeenCalledTimes(2));
  await records.close();
});

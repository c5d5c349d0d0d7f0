import { setTimeout as wait } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { within } from "./within.ts";

it("gives what the work gives, or its own error", async () => {
  expect(await within(1_000, "work", Promise.resolve(7))).toBe(7);
  await expect(within(1_000, "work", Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});

it("gives up in time, names the work, and a failure that comes later troubles nobody", async () => {
  const unhandled = vi.fn();
  process.once("unhandledRejection", unhandled);
  const work = wait(30).then(() => Promise.reject(new Error("late")));
  await expect(within(5, "the read", work)).rejects.toMatchObject({ code: "took_too_long", status: 503 });
  await wait(60);
  expect(unhandled).not.toHaveBeenCalled();
  process.off("unhandledRejection", unhandled);
});

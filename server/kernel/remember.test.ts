import { expect, it, vi } from "vitest";
import { remember } from "./remember.ts";

it("works once for each key, and hands out that answer, null too", () => {
  const work = vi.fn((text: string) => (text === "no" ? null : text.length));
  const asked = remember(work, (text) => text, 10);
  expect([asked("abc"), asked("abc"), asked("no"), asked("no")]).toEqual([3, 3, null, null]);
  expect(work).toHaveBeenCalledTimes(2);
});

it("keeps no more than it is told, and lets the oldest go", () => {
  const work = vi.fn((value: number) => value);
  const asked = remember(work, String, 2);
  for (const value of [1, 2, 3]) asked(value);
  asked(3);
  expect(work).toHaveBeenCalledTimes(3);
  asked(1);
  expect(work).toHaveBeenCalledTimes(4);
});

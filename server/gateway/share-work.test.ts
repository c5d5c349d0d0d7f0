import { expect, it, vi } from "vitest";
import { createSharedWork } from "./share-work.ts";

/** Work that ends when the test says so. */
function stubborn() {
  const open: ((value: number) => void)[] = [];
  const make = vi.fn(() => new Promise<number>((resolve) => open.push(resolve)));
  return { make, end: (value: number) => open.shift()?.(value) };
}

it("makes so many answers at once and no more; the others follow in turn", async () => {
  const { make, end } = stubborn();
  const ask = createSharedWork<number>(2, 10);
  const answers = ["a", "b", "c"].map((key) => ask(key, make));
  await vi.waitFor(() => expect(make).toHaveBeenCalledTimes(2));
  end(1);
  await vi.waitFor(() => expect(make).toHaveBeenCalledTimes(3));
  end(2);
  end(3);
  expect(await Promise.all(answers)).toEqual([1, 2, 3]);
});

it("a thousand who ask for one thing while it waits share one answer, begun after they asked", async () => {
  const { make, end } = stubborn();
  const ask = createSharedWork<number>(1, 10);
  const early = ask("a", make);
  const late = Array.from({ length: 1_000 }, () => ask("a", make));
  await vi.waitFor(() => expect(make).toHaveBeenCalledTimes(1));
  end(1);
  expect(await early).toBe(1);
  await vi.waitFor(() => expect(make).toHaveBeenCalledTimes(2));
  end(2);
  expect(new Set(await Promise.all(late))).toEqual(new Set([2]));
});

it("one that fails fails its own callers alone, and makes room", async () => {
  const ask = createSharedWork<number>(1, 10);
  const broken = ask("a", () => Promise.reject(new Error("no such agent")));
  const sound = ask("b", () => Promise.resolve(7));
  await expect(broken).rejects.toThrow("no such agent");
  expect(await sound).toBe(7);
  expect(await ask("a", () => Promise.resolve(8))).toBe(8);
});

it("beyond what may wait, callers are told to come back, and nothing is kept of them", async () => {
  const { make, end } = stubborn();
  const ask = createSharedWork<number>(1, 2);
  const taken = ["a", "b", "c"].map((key) => ask(key, make));
  await expect(ask("d", make)).rejects.toMatchObject({ code: "busy", status: 503 });
  for (const value of [1, 2, 3]) {
    await vi.waitFor(() => expect(make).toHaveBeenCalledTimes(value));
    end(value);
  }
  expect(await Promise.all(taken)).toEqual([1, 2, 3]);
});

import { expect, it } from "vitest";
import { createNames } from "./name-statements.ts";

it("a statement is named once it has come eight times, and keeps its name", () => {
  const nameOf = createNames();
  const names = Array.from({ length: 12 }, () => nameOf("select 1"));
  expect(names.slice(0, 7)).toEqual(Array(7).fill(undefined));
  expect(new Set(names.slice(7)).size).toBe(1);
  expect(names.at(-1)).toMatch(/^s-[0-9a-f]{24}$/);
  for (let i = 0; i < 8; i++) nameOf("select 2");
  expect(nameOf("select 2")).not.toBe(names.at(-1));
});

it("texts without end fill neither the list of names nor the counts", () => {
  const nameOf = createNames();
  for (let text = 0; text < 5_000; text++) expect(nameOf(`once ${text}`)).toBeUndefined();
  const named = new Set<string>();
  for (let text = 0; text < 500; text++)
    for (let i = 0; i < 10; i++) {
      const name = nameOf(`often ${text}`);
      if (name) named.add(name);
    }
  expect(named.size).toBe(200);
});

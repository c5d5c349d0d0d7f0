import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Row = { id: string; file: string; guarantee: string };

const LINE = /^\|\s*(?<id>[A-Z]+\d+)\s*\|[^|]*\|\s*`(?<file>[^`]+)`\s*\|\s*(?<guarantee>[^|]+?)\s*\|$/;
const PARTLY = /^- \*\*(?<id>[A-Z]+\d+)\*\*/gm;

/** Rows of the table: number, what holds, the test's file, the test's name. */
function rows(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    const groups = LINE.exec(line)?.groups;
    return groups ? [groups as unknown as Row] : [];
  });
}

/** Whether the file is one that the test runners run, and holds a test of that name. */
function isDriven({ file, guarantee }: Row): boolean {
  if (!/\.(test|spec)\.tsx?$/.test(file) || !existsSync(file)) return false;
  const source = readFileSync(file, "utf8");
  return ['"', "'", "`"].some((quote) => source.includes(quote + guarantee + quote));
}

const text = readFileSync("docs/acceptance.md", "utf8");

test.each(rows(text))("$id is driven by a test that exists: $guarantee", (row) => {
  expect(isDriven(row)).toBe(true);
});

test("every row of the table is read, and no row stands twice with one test", () => {
  const written = text.split("\n").filter((line) => /^\|\s*[A-Z]+\d+\s*\|/.test(line));
  expect(written.length).toBeGreaterThan(0);
  expect(rows(text)).toHaveLength(written.length);
  expect(new Set(written).size).toBe(written.length);
});

test("what holds only partly does not stand in the table as well", () => {
  const partly = [...text.matchAll(PARTLY)].map((match) => match.groups?.id);
  expect(new Set(partly).size).toBe(partly.length);
  const held = new Set(rows(text).map(({ id }) => id));
  expect(partly.filter((id) => held.has(id ?? ""))).toEqual([]);
});

test("a row with a wrong name, a part of one or a wrong file is found", () => {
  const [row] = rows(text);
  const { id = "", file = "", guarantee = "" } = row ?? {};
  expect(isDriven({ id, file, guarantee })).toBe(true);
  expect(isDriven({ id, file, guarantee: `${guarantee} and more` })).toBe(false);
  expect(isDriven({ id, file, guarantee: guarantee.slice(1) })).toBe(false);
  expect(isDriven({ id, file: "server/main.ts", guarantee: "ready" })).toBe(false);
  expect(isDriven({ id, file: "server/gone.test.ts", guarantee })).toBe(false);
});

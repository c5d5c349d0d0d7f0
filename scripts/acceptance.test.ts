import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Row = { id: string; file: string; guarantee: string };

const LINE = /^\|\s*(?<id>[A-Z]+\d+)\s*\|[^|]*\|\s*`(?<file>[^`]+)`\s*\|\s*(?<guarantee>[^|]+?)\s*\|$/;

/** Rows of the table: number, what holds, the test's file, the test's name. */
function rows(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    const groups = LINE.exec(line)?.groups;
    return groups ? [groups as unknown as Row] : [];
  });
}

const text = readFileSync("docs/acceptance.md", "utf8");

test.each(rows(text))("$id is driven by a test that exists: $guarantee", ({ file, guarantee }) => {
  expect(readFileSync(file, "utf8")).toContain(guarantee);
});

test("every row of the table is read, and no row stands twice with one test", () => {
  const written = text.split("\n").filter((line) => /^\|\s*[A-Z]+\d+\s*\|/.test(line));
  expect(rows(text)).toHaveLength(written.length);
  expect(new Set(written).size).toBe(written.length);
});

import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { binaryArray } from "./binary-array.ts";
import { createTestDatabase, type TestDatabase } from "./testing/test-database.ts";

let client: pg.Client;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.urls.app });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.close();
});

async function read(type: Parameters<typeof binaryArray>[0], items: unknown[]): Promise<unknown[]> {
  const { rows } = await client.query(`select unnest($1::${type}[]) as item`, [
    binaryArray(type, items as never[]),
  ]);
  return rows.map((row) => row.item);
}

test.each([
  ["bytea", [Buffer.alloc(0), randomBytes(70_000), null]],
  ["int4", [0, -1, 2_147_483_647, -2_147_483_648, null]],
  ["text", ["", '{"a",NULL,\\}', "\u{1f3e6} null", null]],
  [
    "timestamptz",
    [new Date("1999-12-31T23:59:59.999Z"), new Date(0), new Date("2026-11-25T02:30:00.001Z"), null],
  ],
  ["uuid", [randomUUID(), "00000000-0000-0000-0000-000000000000", null]],
  ["jsonb", [{ a: [1, '"', null] }, "text", 7, null]],
] as const)("an array of %s arrives as it was, nulls too", async (type, items) => {
  expect(await read(type, [...items])).toEqual(items);
});

test("an empty array is no rows, and an absent item is a null", async () => {
  expect(await read("text", [])).toEqual([]);
  expect(await read("text", [undefined, "a"])).toEqual([null, "a"]);
});

test("whatever a caller writes into a text stays one item and the same text", async () => {
  const text = fc.string({ unit: "binary" }).filter((it) => !it.includes("\0") && it.isWellFormed());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text), { maxLength: 20 }), async (items) => {
      expect(await read("text", items)).toEqual(items);
    }),
  );
});

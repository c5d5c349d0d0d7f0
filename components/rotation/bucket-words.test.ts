import { expect, it } from "vitest";
import { EXPIRY_BUCKETS, PURPOSES } from "#server/layers/identity/schema.ts";
import { BUCKET_WORDS, bucketRows } from "./bucket-words.ts";

it("every purpose has a row and every bucket a cell, whatever was counted", () => {
  const rows = bucketRows({ buckets: [] });
  expect(rows.map((row) => row.purpose)).toEqual([...PURPOSES]);
  for (const row of rows) {
    expect(row.cells.map((cell) => cell.bucket)).toEqual([...EXPIRY_BUCKETS]);
    expect(row.cells.every((cell) => cell.count === 0 && cell.part === 0)).toBe(true);
  }
});

it("the cells of a row add up to it, and their parts to one", () => {
  const buckets = [
    { purpose: "oauth" as const, bucket: "ended" as const, count: 1 },
    { purpose: "oauth" as const, bucket: "week" as const, count: 3 },
  ];
  const row = bucketRows({ buckets }).find((it) => it.purpose === "oauth");
  expect(row?.total).toBe(4);
  expect(row?.cells.reduce((sum, cell) => sum + cell.part, 0)).toBe(1);
  expect(row?.cells.find((cell) => cell.bucket === "ended")?.part).toBe(0.25);
});

it("no bucket goes without words", () => {
  for (const bucket of EXPIRY_BUCKETS) expect(BUCKET_WORDS[bucket].said.length).toBeGreaterThan(3);
});

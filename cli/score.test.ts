import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NAMES, usualVectors } from "../server/layers/monitoring/testing/usual-vectors.ts";
import { run } from "./score.ts";

const directory = mkdtempSync(path.join(tmpdir(), "vigil-score-"));
const file = path.join(directory, "features.csv");
let out = "";
let complaints = "";
beforeEach(() => {
  out = "";
  complaints = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    complaints += String(text);
    return true;
  });
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => rmSync(directory, { recursive: true }));

const HEADER = `entity,t,split,${NAMES.join(",")}`;

/** Lines of one entity: `train` days to learn from and then some to score. */
function lines(entity: string, train: number, days: number, seed = 1): string[] {
  const { atMs, values, width } = usualVectors({ days: train + days, seed });
  return Array.from(atMs, (_, row) => {
    const cells = Array.from(values.subarray(row * width, (row + 1) * width), (value) =>
      value.toPrecision(8),
    );
    return `${entity},${row},${row < train * 144 ? "train" : "test"},${cells.join(",")}`;
  });
}

const usual = lines("a", 14, 3);

async function score(text: string, ...args: string[]): Promise<string[]> {
  out = "";
  complaints = "";
  writeFileSync(file, text);
  expect(await run(["--features", file, ...args])).toBe(0);
  return out.trimEnd().split("\n");
}

async function refuse(text: string, ...args: string[]): Promise<string> {
  out = "";
  complaints = "";
  writeFileSync(file, text);
  expect(await run(["--features", file, ...args])).toBe(2);
  expect(out).toBe("");
  return complaints;
}

describe("vigil score", () => {
  test("scores each row that is not learnt from, in the file's order, in [0, 1)", async () => {
    const scored = await score([HEADER, ...usual].join("\n"));
    expect(scored[0]).toBe("entity,t,score");
    expect(scored).toHaveLength(1 + 3 * 144);
    scored.slice(1).forEach((line, row) => {
      const [entity, t, value] = line.split(",");
      expect([entity, t]).toEqual(["a", String(14 * 144 + row)]);
      expect(Number(value)).toBeGreaterThanOrEqual(0);
      expect(Number(value)).toBeLessThan(1);
      if (Number(value) > 0)
        expect(value?.replace(/e.*|[^\d]/g, "").replace(/^0+/, "").length).toBeGreaterThanOrEqual(6);
    });
  });

  test("the same file gives the same bytes; a byte order mark, CRLF, quotes and the order of columns change none", async () => {
    const plain = await score([HEADER, ...usual].join("\n"));
    const quoted = usual.map((line) =>
      line
        .split(",")
        .map((cell) => `"${cell}"`)
        .join(","),
    );
    expect(await score([HEADER, ...usual].join("\n"))).toEqual(plain);
    expect(await score(`\uFEFF${[HEADER, ...quoted].join("\r\n")}\r\n`)).toEqual(plain);
    const turned = [HEADER, ...usual].map((line) => {
      const [entity, t, split, ...rest] = line.split(",");
      return [split, ...rest, t, entity].join(",");
    });
    expect(await score(turned.join("\n"))).toEqual(plain);
  });

  test("rows that follow change no score before them", async () => {
    const whole = await score([HEADER, ...usual].join("\n"));
    const wild = usual.map((line, row) => (row < 15 * 144 ? line : line.replace(/[^,]+$/, "99999")));
    expect((await score([HEADER, ...wild].join("\n"))).slice(0, 145)).toEqual(whole.slice(0, 145));
    expect(await score([HEADER, ...usual.slice(0, 15 * 144)].join("\n"))).toEqual(whole.slice(0, 145));
  });

  test("rows out of order are scored by their time and come back as they stood; one time twice is scored twice", async () => {
    const inOrder = await score([HEADER, ...usual].join("\n"));
    const mixed = [...usual].reverse();
    expect((await score([HEADER, ...mixed].join("\n"))).slice(1)).toEqual(inOrder.slice(1).reverse());
    const twice = [...usual, usual.at(-1) ?? ""];
    expect((await score([HEADER, ...twice].join("\n"))).slice(0, -1)).toEqual(inOrder);
  });

  test("answers and text among the columns change no score and are named", async () => {
    const plain = await score([HEADER, ...usual].join("\n"));
    const labelled = usual.map((line, row) => `${line},${row > 2100 ? 1 : 0},host-${row % 3}`);
    expect(await score([`${HEADER},label,host`, ...labelled].join("\n"))).toEqual(plain);
    expect(complaints).toContain('"label" (it names what is to be found), "host" (it is not numeric)');
  });

  test("missing values and features that never vary are scored", async () => {
    const holes = usual.map(
      (line, row) => `${row % 7 === 0 ? line.replace(/[^,]+$/, ["", "NaN", "null"][row % 3] ?? "") : line},5`,
    );
    const scored = await score([`${HEADER},constant`, ...holes].join("\n"));
    expect(scored.slice(1).every((line) => Number.isFinite(Number(line.split(",")[2])))).toBe(true);
  });

  test("an entity with nothing to learn from is judged by the others, and stands as it came", async () => {
    const stranger = lines('x", y', 0, 1, 5).map((line) => line.replace('x", y', '"x"", y"'));
    const scored = await score(
      [HEADER, ...usual, ...stranger].join("\n"),
      "--report",
      path.join(directory, "report.json"),
    );
    expect(scored).toHaveLength(1 + 4 * 144);
    expect(scored.at(-1)).toMatch(/^"x"", y",143,0\.\d+$/);
    const report = JSON.parse(readFileSync(path.join(directory, "report.json"), "utf8"));
    expect(report).toMatchObject({ scorer: { id: "evidence", version: "2" }, entities: 2, pooled: 1 });
    expect(report.rates.map((rate: { score: number }) => rate.score)).toEqual([0.5, 0.7, 0.9]);
  });

  test("instants and steps of the same times give the same scores, each as it came", async () => {
    const instants = usual.map((line) =>
      line.replace(/^a,(\d+)/, (_, t) => `a,${new Date(4 * 86_400_000 + Number(t) * 600_000).toISOString()}`),
    );
    const byStep = await score([HEADER, ...usual].join("\n"));
    const byInstant = await score([HEADER, ...instants].join("\n"));
    expect(byInstant[1]).toMatch(/^a,1970-01-19T00:00:00\.000Z,/);
    expect(byInstant.map((line) => line.split(",")[2])).toEqual(byStep.map((line) => line.split(",")[2]));
  });
});

describe("vigil score refuses in one line", () => {
  const wrong: [string, string, string][] = [
    ["a file without rows", HEADER, "a header and no rows"],
    ["an empty file", "", "the file is empty"],
    ["a missing column", "entity,t,x\na,1,2", 'the column "split" is missing'],
    [
      "a column that is there twice",
      "entity,t,split,x,x\na,1,train,2,2",
      'line 1: the column "x" is there twice',
    ],
    ["no numbers", "entity,t,split,x\na,1,train,red", "no column of numbers"],
    [
      "a word among numbers",
      "entity,t,split,x\na,1,train,2\na,2,test,0x10",
      'line 3: "0x10" in the column "x"',
    ],
    ["too few cells", "entity,t,split,x\na,1,train,2\na,2,train", "line 3: 3 cells where the header has 4"],
    ["a time that is none", "entity,t,split,x\na,yesterday,train,2", 'line 2: t is "yesterday"'],
    ["a day that is none", "entity,t,split,x\na,2026-13-40T00:00:00Z,train,2", "line 2: t is"],
    ["two kinds of time", "entity,t,split,x\na,1,train,2\na,2026-01-01,test,2", "line 3: t is"],
    ["an entity without a name", "entity,t,split,x\n,1,train,2", "line 2: the entity is empty"],
    ["nothing to learn from", "entity,t,split,x\na,1,test,2", "nothing to learn from"],
    ["a quote that is not closed", 'entity,t,split,x\n"a,1,train,2', "line 2: a quote is not closed"],
    [
      "text after a quote",
      'entity,t,split,x\n"a"b,1,train,2',
      "line 2: something stands after a closing quote",
    ],
  ];
  test.each(wrong)("%s", async (_, text, words) => {
    const said = await refuse(text);
    expect(said).toContain(words);
    expect(said.trimEnd().split("\n")).toHaveLength(1);
  });

  test("a step, a zone or a file that is none", async () => {
    const text = [HEADER, ...usual].join("\n");
    expect(await refuse(text, "--step", "ten")).toContain("--step");
    expect(await refuse(text, "--time-zone", "Mars/Olympus")).toContain("Mars/Olympus");
    expect(await run(["--features", path.join(directory, "none.csv")])).toBe(2);
    expect(await run([])).toBe(2);
  });
});

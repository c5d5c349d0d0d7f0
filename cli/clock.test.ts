import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { run } from "./clock.ts";

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

test.each([
  ["--anchor", "determined=2026-03-07T20:00:00-05:00"],
  ["--anchor=determined=2026-03-08T01:00:00Z"],
])("one line of JSON says when 36 hours are over: %s", async (...args) => {
  expect(await run(["us-36h", ...args])).toBe(0);
  expect(out.split("\n")).toHaveLength(2);
  expect(JSON.parse(out)).toMatchObject({
    regime: "us-36h",
    anchors: { determined: "2026-03-08T01:00:00Z" },
    dueAt: "2026-03-09T13:00:00Z",
  });
});

test.each([
  [[], /usage/],
  [["us-36h"], /the event "determined" is missing/],
  [["dora-initial", "--anchor", "aware=2026-03-27T10:00:00Z"], /the event "classified" is missing/],
  [
    ["us-36h", "--anchor", "determined=2026-03-08T01:00:00Z", "--anchor", "determined=2026-03-08T02:00:00Z"],
    /usage/,
  ],
  [["us-36h", "--from", "x"], /usage/],
  [["circia-72h", "--anchor", "aware=2026-03-08T01:00:00Z"], /switched off/],
  [["us-36h", "--anchor"], /usage/],
  [["us-36h", "--anchor", "determined=2026-03-08T01:00:00Z", "more"], /usage/],
  [["us-36h", "--anchor", "detected=2026-03-08T01:00:00Z"], /from nothing else/],
  [["us-36h", "--anchor", "determined=2026-03-08T01:00:00"], /not an instant with its offset/],
  [["us-36h", "--anchor", "determined=2026-02-30T01:00:00Z"], /not an instant/],
  [["us-37h", "--anchor", "determined=2026-03-08T01:00:00Z"], /no clock named us-37h/],
])("%j is not answered, and stdout stays empty", async (args, complaint) => {
  expect(await run(args as string[])).toBe(2);
  expect(out).toBe("");
  expect(complaints).toMatch(complaint);
});

test("a clock of two events takes both, in any order", async () => {
  const anchors = ["--anchor", "classified=2026-03-28T08:00:00Z", "--anchor=aware=2026-03-27T10:00:00Z"];
  expect(await run(["dora-initial", ...anchors])).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    dueAt: "2026-03-28T10:00:00Z",
    ruleVersion: "dora-initial/2025-01-17",
  });
});

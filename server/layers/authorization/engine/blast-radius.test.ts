import { expect, test } from "vitest";
import { type BlastFacts, blastRadius } from "./blast-radius.ts";

const FACTS: BlastFacts = {
  ...{ scope: "payments:execute", durationSeconds: 3_600, zone: "b" },
  reachable: [
    { name: "core-banking", zone: "c" },
    { name: "ledger", zone: "b" },
  ],
  reached: [{ peer: "ledger", calls: 12 }],
  touched: [
    { name: "account_balance", calls: 3 },
    { name: "customer_name", calls: 9 },
  ],
  ...{ lookedBackHours: 2, busiestHourCalls: 1_200, limitPerMinute: null, below: [] },
};
const said = (id: string, facts: Partial<BlastFacts> = {}) =>
  blastRadius({ ...FACTS, ...facts }).find((it) => it.id === id);

test("what it may reach is counted by zone, with what it has not spoken to", () => {
  expect(said("reach")?.detail).toBe(
    "From zone b it may reach 2 systems and agents in 2 zones: core-banking, ledger. 1 of them it has not spoken to in 2 hours.",
  );
});

test("another zone within reach is something to weigh, its own is not", () => {
  expect(said("reach")?.tone).toBe("warn");
  expect(said("reach", { reachable: [{ name: "ledger", zone: "b" }] })?.tone).toBe("note");
});

test("an agent that may reach nothing is said to reach nothing", () => {
  expect(said("reach", { reachable: [] })).toEqual({
    ...{ id: "reach", tone: "note" },
    detail: "From zone b it may reach no other system.",
  });
});

test("a long list names six and counts the rest", () => {
  const reachable = Array.from({ length: 9 }, (_, i) => ({ name: `s${i}`, zone: "b" }));
  expect(said("reach", { reachable })?.detail).toContain("s0, s1, s2, s3, s4, s5 and 3 more.");
});

test.each([
  [3_600, "1,200 calls"],
  [600, "200 calls"],
  [1, "1 call "],
])("for %i s, its busiest hour's pace makes %s", (durationSeconds, words) => {
  expect(said("volume", { durationSeconds })?.detail).toContain(words);
});

test("a limit in force is said beside the pace", () => {
  expect(said("volume", { limitPerMinute: 10 })?.detail).toContain("limited to 600 requests");
});

test.each([null, 0])(
  "no measured traffic (%s) is a warning, never a volume of nought",
  (busiestHourCalls) => {
    const volume = said("volume", { busiestHourCalls });
    expect(volume?.tone).toBe("warn");
    expect(volume?.detail).toContain("Nothing was measured");
  },
);

test("data is named by how often it was touched", () => {
  expect(said("data")?.detail).toContain("2 kinds of data: customer_name, account_balance.");
});

test("no data named is said, not left out", () => {
  expect(said("data", { touched: [] })?.detail).toBe("Its actions named no data in the last 2 hours.");
});

test("agents below it are named, and none is no statement", () => {
  expect(said("family", { below: ["child-1"] })?.detail).toBe(
    "1 agent below it may be given payments:execute too while this lasts: child-1.",
  );
  expect(said("family")).toBeUndefined();
});

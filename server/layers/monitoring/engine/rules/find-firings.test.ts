import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detectionRule, type RuleCondition } from "../../rules-schema.ts";
import { SLICE_MS } from "../slice.ts";
import { BUILT_IN_RULES } from "./built-in-rules.ts";
import { mergeRuleCells, PARTS_MAX, type RuleCells } from "./cells.ts";
import { compileRules } from "./compile-rules.ts";
import { type Firing, findFirings } from "./find-firings.ts";
import { foldRules } from "./fold-rules.ts";
import type { RuleFacts } from "./rule-facts.ts";
import { cellsOfStep } from "./run-example.ts";

const START = Date.parse("2026-11-23T10:00:00Z");
type Slices = Map<number, RuleCells>;

function rulesOf(condition: RuleCondition, does: "alert" | "limit" = "alert") {
  const rule = detectionRule.parse({ ...BUILT_IN_RULES[0], id: "tried", condition, does });
  return compileRules({ version: 1, rules: [rule] }, "UTC");
}
const RATE = rulesOf({ kind: "rate", where: { refused: true }, measure: "actions", above: 3, seconds: 30 });
const DISTINCT = rulesOf({ kind: "rate", where: {}, measure: "subjects", above: 3, seconds: 30 });
const VOLUME = rulesOf({ kind: "volume", where: {}, aboveBytes: 3_000, seconds: 30 });
const SEQUENCE = rulesOf({
  kind: "sequence",
  first: { where: { actions: ["read"] }, measure: "subjects", atLeast: 3 },
  next: { where: { peer: "outside" } },
  seconds: 60,
});
const CREDENTIALS = rulesOf({ kind: "credentials", seconds: 60 });

const act = (more: Partial<RuleFacts> = {}): RuleFacts => ({
  ...{ action: "read", atMs: START, receivedMs: START, refused: false, scopes: [] },
  ...{ certificate: "cert-a", network: "10.0.0.0/24", ...more },
});
const sliceMsOf = ({ atMs }: RuleFacts) => atMs - (atMs % SLICE_MS);

function fold(rules: typeof RATE, facts: readonly RuleFacts[], into: Slices = new Map()): Slices {
  for (const fact of facts) {
    const cells = foldRules(into.get(sliceMsOf(fact)), rules, fact);
    if (cells) into.set(sliceMsOf(fact), cells);
  }
  return into;
}
function merge(a: Slices, b: Slices): Slices {
  const merged = new Map(a);
  for (const [at, cells] of b) {
    const both = mergeRuleCells(structuredClone(merged.get(at)), structuredClone(cells));
    if (both) merged.set(at, both);
  }
  return merged;
}
function firings(rules: typeof RATE, slices: Slices, range = { fromMs: 0, toMs: Infinity }): Firing[] {
  return rules.spans.flatMap((span) =>
    findFirings(
      span,
      span.steps.map(({ key }) => cellsOfStep(slices, key)),
      range,
    ),
  );
}
const fires = (rules: typeof RATE, ...facts: RuleFacts[]) => firings(rules, fold(rules, facts)).length > 0;
const repeat = (n: number, of: (i: number) => RuleFacts) => Array.from({ length: n }, (_, i) => of(i));

const anAction = fc.record({
  atMs: fc.integer({ min: START, max: START + 119_999 }),
  action: fc.constantFrom("read", "write"),
  peer: fc.constantFrom("inside" as const, "outside" as const, undefined),
  refused: fc.boolean(),
  bytes: fc.integer({ min: 0, max: 1_500 }),
  subjects: fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 2 }),
  certificate: fc.constantFrom("cert-a", "cert-b"),
  network: fc.constantFrom("10.0.0.0/24", "10.0.1.0/24"),
});
const someActions = fc.array(
  anAction.map((it) => act(it)),
  { maxLength: 40 },
);
const ALL = { RATE, DISTINCT, VOLUME, SEQUENCE, CREDENTIALS };

describe.each(Object.entries(ALL))("%s", (name, rules) => {
  it("counts the same however the actions are spread over gateways and batches, and in whatever order they are merged", () => {
    fc.assert(
      fc.property(someActions, someActions, someActions, (a, b, c) => {
        const [one, two, three] = [fold(rules, a), fold(rules, b), fold(rules, c)];
        const whole = fold(rules, [...a, ...b, ...c]);
        const sorted = (slices: Slices) => [...slices].sort(([x], [y]) => x - y);
        expect(sorted(merge(merge(one, two), three))).toEqual(sorted(whole));
        expect(sorted(merge(three, merge(two, one)))).toEqual(sorted(whole));
        expect(JSON.parse(JSON.stringify(sorted(whole)))).toEqual(sorted(whole));
      }),
      { numRuns: 60 },
    );
  });

  if (name !== "CREDENTIALS")
    it("judged again at each late slice, finds in the end what it finds in one go over all of it", () => {
      const batches = fc.array(someActions, { minLength: 1, maxLength: 6 });
      fc.assert(
        fc.property(batches, (all) => {
          const spanMs = rules.spans[0]?.spanMs ?? 0;
          let slices: Slices = new Map();
          const found = new Set<number>();
          for (const batch of all) {
            const grown = fold(rules, batch);
            slices = merge(slices, grown);
            const times = [...grown.keys()];
            if (times.length === 0) continue;
            const range = { fromMs: Math.min(...times), toMs: Math.max(...times) + spanMs - SLICE_MS };
            for (const firing of firings(rules, slices, range)) found.add(firing.episodeMs);
          }
          const atOnce = firings(rules, fold(rules, all.flat())).map(({ episodeMs }) => episodeMs);
          expect([...found].sort()).toEqual(atOnce.sort());
        }),
        { numRuns: 150 },
      );
    });
});

it("a rate fires above its number and not at it, over a span that does not begin with a minute", () => {
  const refused = (i: number) => act({ refused: true, atMs: START + 15_000 + i * 9_000 });
  expect(fires(RATE, ...repeat(3, refused))).toBe(false);
  expect(fires(RATE, ...repeat(4, (i) => act({ refused: true, atMs: START + 25_000 + i * 5_000 })))).toBe(
    true,
  );
  // Four, with more than the span between the first and the last.
  expect(fires(RATE, ...repeat(4, (i) => act({ refused: true, atMs: START + i * 15_000 })))).toBe(false);
});

it("agrees with counting the actions themselves, slice by slice", () => {
  fc.assert(
    fc.property(someActions, (facts) => {
      const ends = facts.filter(({ refused }) => refused).map(sliceMsOf);
      const within = (end: number) => ends.filter((at) => at <= end && at > end - 30_000).length;
      const expected = new Set(ends.filter((end) => within(end) > 3).map((end) => end - (end % 30_000)));
      const found = firings(RATE, fold(RATE, facts)).map(({ episodeMs }) => episodeMs);
      expect(found.sort()).toEqual([...expected].sort());
    }),
  );
});

describe("a sequence", () => {
  const read = (i: number, atMs: number) => act({ atMs, subjects: [`s-${i}`] });
  const out = (atMs: number) => act({ action: "write", peer: "outside", atMs });

  it("is one only in its order, also inside one slice and one second", () => {
    const reads = (from: number) => repeat(3, (i) => read(i, from + i));
    expect(fires(SEQUENCE, ...reads(START), out(START + 500))).toBe(true);
    expect(fires(SEQUENCE, ...reads(START + 500), out(START + 100))).toBe(false);
    expect(fires(SEQUENCE, ...reads(START + 7_000), out(START + 2_000))).toBe(false);
    expect(fires(SEQUENCE, ...reads(START), out(START + 55_000))).toBe(true);
    expect(fires(SEQUENCE, ...reads(START), out(START + 65_000))).toBe(false);
  });

  it("asks for different ones, where it says so", () => {
    expect(fires(SEQUENCE, ...repeat(30, () => read(1, START)), out(START + 5_000))).toBe(false);
  });

  it("fires no more when either step is taken away", () => {
    fc.assert(
      fc.property(someActions, (facts) => {
        expect(fires(SEQUENCE, ...facts.filter(({ peer }) => peer !== "outside"))).toBe(false);
        expect(fires(SEQUENCE, ...facts.filter(({ action }) => action !== "read"))).toBe(false);
      }),
    );
  });

  it("tells what was counted, and from when to when", () => {
    const [firing] = firings(
      SEQUENCE,
      fold(SEQUENCE, [...repeat(5, (i) => read(i, START + i)), out(START + 9_000)]),
    );
    expect(firing).toMatchObject({
      rule: "tried",
      firstMs: START,
      lastMs: START + 9_000,
      counts: { "first subjects": 5, "first actions": 5, "then actions": 1 },
    });
  });
});

describe("two certificates", () => {
  const a = (atMs: number, network = "10.0.0.0/24") => act({ atMs: START + atMs, network });
  const b = (atMs: number, network: string) => act({ atMs: START + atMs, network, certificate: "cert-b" });

  it("are impossible from two networks while both are in use", () => {
    expect(fires(CREDENTIALS, a(0), b(5_000, "203.0.113.0/24"), a(20_000))).toBe(true);
  });

  it.each([
    ["a renewal from one network", [a(0), b(5_000, "10.0.0.0/24"), a(20_000)]],
    ["a renewal with a move: one ends, then the other begins", [a(0), a(5_000), b(20_000, "203.0.113.0/24")]],
    [
      "a renewal of an agent with two ways out",
      [a(0), a(1_000, "10.0.1.0/24"), b(2_000, "10.0.0.0/24"), b(3_000, "10.0.1.0/24"), a(20_000)],
    ],
    ["one certificate from two networks", [a(0), a(5_000, "203.0.113.0/24"), a(20_000)]],
    ["two, further apart than the span", [a(0), b(80_000, "203.0.113.0/24"), a(160_000)]],
  ])("%s is not", (_, facts) => {
    expect(fires(CREDENTIALS, ...facts)).toBe(false);
  });

  it("a flood of networks is kept in bounds, the same ones in any order", () => {
    const many = repeat(500, (i) => b(i, `10.${i >> 8}.${i & 255}.0/24`));
    const one = fold(CREDENTIALS, many);
    const other = merge(fold(CREDENTIALS, many.slice(0, 250).reverse()), fold(CREDENTIALS, many.slice(250)));
    expect([...one.values()].map((cells) => Object.keys(Object.values(cells)[0] ?? {}).length)).toEqual([
      PARTS_MAX,
    ]);
    const keys = (slices: Slices) =>
      [...slices.values()].flatMap((cells) => Object.values(cells).flatMap(Object.keys)).sort();
    expect(keys(other)).toEqual(keys(one));
  });
});

it("what a changed rule counts is not added to what it counted before", () => {
  const other = rulesOf({
    kind: "rate",
    where: { refused: true },
    measure: "actions",
    above: 1,
    seconds: 30,
  });
  const slices = fold(
    RATE,
    repeat(3, () => act({ refused: true })),
  );
  expect(firings(other, slices)).toEqual([]);
});

it("a name that an agent makes up breaks neither the counting nor the form in which it is kept", () => {
  const nasty = ["__proto__", "constructor", "\u0000", "\ud800", "x".repeat(100_000)];
  for (const rules of Object.values(ALL)) {
    const slices = fold(
      rules,
      nasty.map((name) => act({ action: name, endpoint: name, subjects: [name], bytes: 1 })),
    );
    const text = JSON.stringify([...slices]);
    expect(text.length).toBeLessThan(2_000);
    expect(text).not.toContain("\\u0000");
  }
});

it("hours of the day are the bank's, over midnight and over the change of the clocks", () => {
  const rule = detectionRule.parse({
    ...BUILT_IN_RULES[0],
    condition: {
      kind: "rate",
      where: { hours: { from: 22, to: 6 } },
      measure: "actions",
      above: 1,
      seconds: 60,
    },
  });
  const rules = compileRules({ version: 1, rules: [rule] }, "Europe/Prague");
  const counts = (at: string) => rules.steps[0]?.counts(act({ atMs: Date.parse(at) }));
  // Winter: an hour ahead of UTC; summer: two. The clocks go back on 25 October 2026 at 01:00 UTC.
  expect(counts("2026-11-23T20:59:59Z")).toBe(false);
  expect(counts("2026-11-23T21:00:00Z")).toBe(true);
  expect(counts("2026-11-24T04:59:59Z")).toBe(true);
  expect(counts("2026-11-24T05:00:00Z")).toBe(false);
  expect(counts("2026-10-24T20:00:00Z")).toBe(true);
  expect(counts("2026-10-25T04:30:00Z")).toBe(true);
  expect(counts("2026-10-25T05:30:00Z")).toBe(false);
});

import { describe, expect, it } from "vitest";
import { type DetectionRule, detectionRule, ruleSet } from "../../rules-schema.ts";
import { BUILT_IN_RULES } from "./built-in-rules.ts";
import { checkRuleSet, EXAMPLE_EVENTS_MAX } from "./check-rule-set.ts";

const rule = (id: string) => structuredClone(BUILT_IN_RULES.find((it) => it.id === id) as DetectionRule);
const wrong = (...rules: DetectionRule[]) => checkRuleSet({ rules });

describe("a version of the rules is refused", () => {
  it("unless the examples of each rule come out as they say: those that Vigil comes with do", () => {
    expect(checkRuleSet({ rules: [...BUILT_IN_RULES] })).toEqual([]);
  });

  it("where a rule that was weakened no longer fires for its example, also when it is off", () => {
    const weak = rule("excessive-api-calls");
    if (weak.condition.kind === "rate") weak.condition.above = 5_000;
    const said = ["excessive-api-calls: it does not fire for “1,001 calls in a minute”, which it should."];
    expect(wrong(weak)).toEqual(said);
    expect(wrong({ ...weak, enabled: false })).toEqual(said);
  });

  it("where a rule fires for what it must not", () => {
    const keen = rule("refused-again-and-again");
    if (keen.condition.kind === "rate") keen.condition.where = {};
    expect(wrong(keen)).toEqual([
      "refused-again-and-again: it fires for “many that were admitted”, which it should not.",
    ]);
  });

  it("where a rule has no example of each kind", () => {
    for (const fires of [true, false]) {
      const some = rule("data-volume");
      some.examples = some.examples.filter((it) => it.fires === fires);
      expect(wrong(some)).toEqual(["data-volume: it needs an example that fires and one that does not."]);
    }
  });

  it("where a name stands twice", () => {
    expect(wrong(rule("data-volume"), rule("data-volume"))).toEqual(["data-volume stands twice."]);
  });

  it.each([
    ["data-volume", { does: "refuse" as const }, "only a rule about what a single action"],
    ["believable-time", { does: "refuse" as const }, "only a rule about what a single action"],
    ["single-action-volume", { does: "limit" as const }, "only one over a span limits"],
    ["sensitive-data-in-scope", { agents: { zones: ["a"] } }, "holds for all agents"],
  ])("where %s does what its kind cannot: %o", (id, change, said) => {
    expect(wrong({ ...rule(id), ...change })[0]).toContain(said);
  });

  it("where it would look for everything, or for nothing", () => {
    const single = rule("single-action-volume");
    if (single.condition.kind === "single-action") single.condition.where = {};
    expect(wrong(single)[0]).toContain("every action");
    const data = rule("sensitive-data-in-scope");
    if (data.condition.kind === "forbidden-data") data.condition.words = [];
    expect(wrong(data)[0]).toContain("names no data");
    const sequence = rule("bulk-read-then-post");
    if (sequence.condition.kind === "sequence") sequence.condition.next.where = {};
    expect(wrong(sequence)[0]).toContain("its second step is every action");
  });

  it("where its examples would cost too much, one by one or together, before any of them is run", () => {
    const step = { ...rule("data-volume").examples[0]?.steps[0], times: 5_000, everyMs: 1 };
    const big = (id: string, steps: number) =>
      detectionRule.parse({
        ...rule("data-volume"),
        id,
        examples: [
          { title: "big", fires: true, steps: Array(steps).fill(step) },
          { title: "none", fires: false, steps: [{ after: 0, action: "a" }] },
        ],
      });
    expect(wrong(big("one", 2))[0]).toContain("holds 10000 actions");
    const many = Array.from({ length: 30 }, (_, i) => big(`rule-${i}`, 1));
    expect(wrong(...many)).toEqual([
      `The examples hold 150030 actions; at most ${EXAMPLE_EVENTS_MAX} together.`,
    ]);
  });
});

describe("a hostile document does not pass the form", () => {
  const base = () => rule("excessive-api-calls") as unknown as Record<string, unknown>;
  const where = (more: object) => ({ ...base(), condition: { ...(base().condition as object), ...more } });
  const deep = () => {
    let value: object = {};
    for (let i = 0; i < 20_000; i++) value = { where: value };
    return value;
  };
  it.each([
    ["an unknown kind", () => where({ kind: "javascript" })],
    ["a member that no rule has", () => ({ ...base(), run: "rm" })],
    ["a member that no condition has", () => where({ regex: "(a+)+$" })],
    ["depth without end", () => where({ where: deep() })],
    ["a span longer than slices are kept", () => where({ seconds: 7_200 })],
    ["a span that slices do not divide", () => where({ seconds: 65 })],
    ["no number", () => where({ above: Number.NaN })],
    ["more stars than a pattern may have", () => where({ where: { actions: ["*a*a*a*a*a*a*a*"] } })],
    ["a pattern without end", () => where({ where: { actions: ["a".repeat(100_000)] } })],
    ["patterns without end", () => where({ where: { actions: Array(10_000).fill("a") } })],
    ["invisible characters", () => ({ ...base(), title: "harm\u202Eless" })],
    [
      "a technique that ATLAS does not have",
      () => ({ ...base(), tags: { atlas: ["AML.T9999"], owasp: [] } }),
    ],
    ["containing an agent", () => ({ ...base(), does: "contain" })],
    ["a name that is none", () => ({ ...base(), id: "__proto__" })],
    [
      "a word with an expression in it",
      () => ({
        ...base(),
        condition: { kind: "forbidden-data", words: ["(a+)+"], patterns: [], unlessScope: "a:b" },
      }),
    ],
  ])("%s", (_, document) => {
    expect(detectionRule.safeParse(document()).success).toBe(false);
  });

  it("more rules than the hot path is made for", () => {
    const rules = Array.from({ length: 65 }, (_, i) => ({ ...base(), id: `rule-${i}` }));
    expect(ruleSet.safeParse({ version: 1, rules }).success).toBe(false);
  });
});

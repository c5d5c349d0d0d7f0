import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RISKS, type ScopePolicy, type ScopeRule } from "../policy-schema.ts";
import { ACTIONS, anyPolicy } from "../testing/any-policy.ts";
import { matchesPattern } from "./action-pattern.ts";
import { claimsOf, coverageJudge } from "./compare-coverage.ts";
import { scopeForAction } from "./scope-for-action.ts";

type Claimed = Record<string, [risk: ScopeRule["risk"] | "base", ...patterns: string[]]>;

/** A policy of nothing but scopes and what each claims. */
function policyOf(claimed: Claimed): ScopePolicy {
  const scopes = Object.entries(claimed).map(([scope, [risk, ...actions]]) => ({
    ...{ scope, actions, group: risk === "base" ? "base" : "elevated" },
    risk: risk === "base" ? "LOW" : risk,
  }));
  return { scopes } as unknown as ScopePolicy;
}

const judge = (before: Claimed, after: Claimed, pattern: string) =>
  coverageJudge(claimsOf(policyOf(before)), claimsOf(policyOf(after)))(pattern);

describe("the actions that a pattern names", () => {
  it.each<[string, Claimed, Claimed, string, string]>([
    ["that nobody covered", { "a:a": ["HIGH"] }, { "a:a": ["HIGH", "x.*"] }, "x.*", "loosens"],
    ["that nobody covers any more", { "a:a": ["base", "x.*"] }, { "a:a": ["base"] }, "x.*", "tightens"],
    [
      "that go to a riskier scope",
      { "a:a": ["LOW", "x.*"], "b:b": ["HIGH"] },
      { "a:a": ["LOW"], "b:b": ["HIGH", "x.*"] },
      ...(["x.*", "tightens"] as const),
    ],
    [
      "that go to a less risky scope",
      { "a:a": ["HIGH", "x.*"], "b:b": ["LOW"] },
      { "a:a": ["HIGH"], "b:b": ["LOW", "x.*"] },
      ...(["x.*", "loosens"] as const),
    ],
    [
      "that go to a scope of the same risk, which others hold",
      { "a:a": ["HIGH", "x.*"], "b:b": ["HIGH"] },
      { "a:a": ["HIGH"], "b:b": ["HIGH", "x.*"] },
      ...(["x.*", "loosens"] as const),
    ],
    [
      "that need an approval now",
      { "a:a": ["base", "x.*"], "b:b": ["LOW"] },
      { "a:a": ["base"], "b:b": ["LOW", "x.*"] },
      ...(["x.*", "tightens"] as const),
    ],
    [
      "that fall from an exact name to a wide pattern of a laxer scope",
      { "a:a": ["HIGH", "x.pay"], "b:b": ["base", "x.*"] },
      { "a:a": ["HIGH"], "b:b": ["base", "x.*"] },
      ...(["x.pay", "loosens"] as const),
    ],
    [
      "that a more exact pattern decides over as before",
      { "a:a": ["HIGH", "x.*"], "b:b": ["base", "x.r*"] },
      { "a:a": ["HIGH", "x.*", "*.*"], "b:b": ["base", "x.r*"] },
      ...(["x.r*", "neutral"] as const),
    ],
    [
      "of which some were covered and some not",
      { "a:a": ["LOW", "x.r*"], "b:b": ["HIGH"] },
      { "a:a": ["LOW", "x.r*"], "b:b": ["HIGH", "x.*"] },
      ...(["x.*", "loosens"] as const),
    ],
  ])("%s", (_, before, after, pattern, told) => {
    expect(judge(before, after, pattern).effect).toBe(told);
  });

  it("are judged with the names of both scopes and their risks", () => {
    const before: Claimed = { "a:a": ["HIGH", "x.*"], "b:b": ["LOW"] };
    const { rule } = judge(before, { "a:a": ["HIGH"], "b:b": ["LOW", "x.*"] }, "x.*");
    expect(rule).toContain("from a:a (HIGH) to b:b (LOW)");
  });
});

it("a judgement of one pattern is never milder than what happens to any action that goes to another scope", () => {
  fc.assert(
    fc.property(anyPolicy, anyPolicy, (before, after) => {
      const judged = coverageJudge(claimsOf(before), claimsOf(after));
      for (const pattern of new Set([...claimsOf(before).keys(), ...claimsOf(after).keys()])) {
        const { effect } = judged(pattern);
        if (effect === "loosens") continue;
        for (const action of ACTIONS.filter((it) => matchesPattern(pattern, it))) {
          const [was, is] = [before, after].map((policy) =>
            policy.scopes.find(({ scope }) => scope === scopeForAction(policy, action)),
          );
          // What becomes of a scope itself is told where the scope is.
          if (is?.scope === was?.scope) continue;
          expect(effect, `${action} by ${pattern}`).toBe("tightens");
          expect(ease(is), `${action} by ${pattern}`).toBeLessThan(ease(was));
        }
      }
    }),
    { numRuns: 500 },
  );
});

/** How easily an action is done under a rule: not at all, by risk, without an approval. */
function ease(rule: ScopeRule | undefined): number {
  if (!rule) return 0;
  return rule.group === "base" ? RISKS.length + 1 : RISKS.length - RISKS.indexOf(rule.risk);
}

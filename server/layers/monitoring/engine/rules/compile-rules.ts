import { canonicalBytes, type Json } from "../../../../kernel/canonical.ts";
import { sha256 } from "../../../../kernel/hash.ts";
import type { ActionFilter, DetectionRule, RuleMeasure, RuleSet } from "../../rules-schema.ts";
import { compileAgents, compileFilter } from "./compile-filter.ts";
import { compileSingle, type SingleRule } from "./compile-single.ts";
import type { RuleAgent, RuleFacts } from "./rule-facts.ts";

/** One thing that a rule over a span counts. */
export type CountedStep = {
  /** Names the step's cells in a slice: a digest, so that what a changed rule counts is never added to what it counted. */
  key: string;
  counts: (facts: RuleFacts) => boolean;
  measure: RuleMeasure;
  /** One cell a slice, one a second (where the order matters), or one a certificate and network. */
  cells: "slice" | "second" | "credential";
};

export type SpanRule = {
  rule: DetectionRule;
  spanMs: number;
  steps: readonly CountedStep[];
  holdsFor: (agent: RuleAgent) => boolean;
};

/** A version of the rules, ready to be used: compiled once, and no cost per action but its tests. */
export type CompiledRules = {
  version: number;
  single: readonly SingleRule[];
  spans: readonly SpanRule[];
  /** The steps of all rules over a span. */
  steps: readonly CountedStep[];
};

/** Compiles a version; rules that are off are left out. @param timeZone the bank's, for hours of the day. */
export function compileRules({ version, rules }: RuleSet, timeZone: string): CompiledRules {
  const spans = rules.flatMap((rule) => {
    const steps = rule.enabled ? stepsOf(rule, timeZone) : [];
    if (steps.length === 0 || !("seconds" in rule.condition)) return [];
    return [{ rule, steps, spanMs: rule.condition.seconds * 1_000, holdsFor: compileAgents(rule.agents) }];
  });
  return {
    version,
    spans,
    single: compileSingle(rules, timeZone),
    steps: spans.flatMap(({ steps }) => steps),
  };
}

function stepsOf(rule: DetectionRule, timeZone: string): CountedStep[] {
  const { condition } = rule;
  const step = (
    where: ActionFilter,
    cells: CountedStep["cells"],
    measure: RuleMeasure = "actions",
    place = 0,
  ): CountedStep => ({
    key: keyOf(rule, place, timeZone),
    counts: compileFilter(where, timeZone),
    ...{ measure, cells },
  });
  switch (condition.kind) {
    case "rate":
      return [step(condition.where, "slice", condition.measure)];
    case "volume":
      return [step(condition.where, "slice")];
    case "credentials":
      return [step({}, "credential")];
    case "sequence":
      return [
        step(condition.first.where, "second", condition.first.measure),
        step(condition.next.where, "slice", "actions", 1),
      ];
    default:
      return [];
  }
}

function keyOf({ id, condition }: DetectionRule, place: number, timeZone: string): string {
  const said = canonicalBytes({ id, condition, place, timeZone } as unknown as Json);
  return sha256(said).toString("hex").slice(0, 10);
}

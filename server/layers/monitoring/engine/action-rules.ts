import type { Check, Decision } from "../../../kernel/decision.ts";
import type { AlertSeverity } from "../schema.ts";
import { BUILT_IN_RULES } from "./rules/built-in-rules.ts";
import { compileSingle, type SingleFacts, type SingleRule } from "./rules/compile-single.ts";

/** What the rules for one action look at. */
export type ActionRuleFacts = SingleFacts;

/** An alert that a rule asks for; the caller raises it in the transaction of the record. */
export type RuleAlert = {
  rule: string;
  severity: AlertSeverity;
  title: string;
  detail: string;
};

export type ActionRuleDecision = Decision & { alerts: RuleAlert[] };

/** The rules for single actions that Vigil comes with: what counts where no version was written yet. */
const BUILT_IN: readonly SingleRule[] = compileSingle(BUILT_IN_RULES, "UTC");

/**
 * The rules that hold for a single action, in order (seed, module 5: its Falco rules). One that says so refuses the
 * action; the others raise an alert and let the record stand.
 *
 * @param rules those of the version that counts, compiled once.
 */
export function checkActionRules(
  facts: ActionRuleFacts,
  rules: readonly SingleRule[] = BUILT_IN,
): ActionRuleDecision {
  const checks: Check[] = [];
  const alerts: RuleAlert[] = [];
  let outcome: "allow" | "deny" = "allow";
  for (const rule of rules) {
    const { passed, detail } = rule.check(facts);
    checks.push({ id: rule.id, passed, detail });
    if (passed) continue;
    if (rule.refuses) outcome = "deny";
    alerts.push({ rule: rule.id, severity: rule.severity, title: rule.title, detail });
  }
  return { outcome, checks, alerts };
}

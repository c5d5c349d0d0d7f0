import { InvalidInputError } from "../../kernel/errors.ts";
import { checkRuleSet } from "./engine/rules/check-rule-set.ts";
import { type DetectionRule, type RuleSet, ruleSet } from "./rules-schema.ts";

const SAID_MAX = 5;

/**
 * The version that somebody proposes: its base with rules put in place and taken out, or an earlier one again. A
 * version whose own examples fail is refused.
 *
 * @throws InvalidInputError `rules_invalid`, naming what is wrong and where.
 */
export function readProposedRules(
  base: RuleSet,
  change: { put: readonly Record<string, unknown>[]; remove: readonly string[] } | { earlier: RuleSet },
): RuleSet {
  const rules = "earlier" in change ? change.earlier.rules : patched(base.rules, change);
  const { success, data, error } = ruleSet.safeParse({ version: base.version + 1, rules });
  const wrong = success
    ? checkRuleSet(data)
    : error.issues.map(({ path, message }) => `${placeOf(rules, path)}: ${message}`);
  if (success && wrong.length === 0) return data;
  const more = wrong.length > SAID_MAX ? ` And ${wrong.length - SAID_MAX} more.` : "";
  throw new InvalidInputError(
    "rules_invalid",
    `These are no valid rules. ${wrong.slice(0, SAID_MAX).join(" ")}${more}`,
    { issues: wrong.length },
  );
}

function patched(
  before: readonly DetectionRule[],
  { put, remove }: { put: readonly Record<string, unknown>[]; remove: readonly string[] },
): Record<string, unknown>[] {
  const sent = new Map(put.map((rule) => [rule.id, rule]));
  const rules: Record<string, unknown>[] = before
    .filter(({ id }) => !remove.includes(id))
    .map((rule) => sent.get(rule.id) ?? rule);
  const known = new Set<unknown>(before.map(({ id }) => id));
  return [...rules, ...put.filter(({ id }) => !known.has(id))];
}

/** `rules.3.condition.above` as `data-volume, condition.above`. */
function placeOf(rules: readonly Record<string, unknown>[], path: readonly PropertyKey[]): string {
  const [, at, ...rest] = path;
  const id = typeof at === "number" ? String(rules[at]?.id ?? at).slice(0, 60) : "the rules";
  return [id, rest.map(String).join(".")].filter(Boolean).join(", ");
}

import type { GrantLimits } from "../limits-schema.ts";
import type { ApprovalStep, ScopeRule } from "../policy-schema.ts";
import type { Limits } from "./narrow-limits.ts";
import { sumText, sumUnits } from "./sums.ts";

/** What counts together with a request, other than itself. */
export type EscalationFacts = {
  /**
   * Limits of what the agent and its family were given of the scope within the rule's time, and of what they have asked
   * for and nobody has decided.
   */
  others: readonly Limits[];
};

/** Which steps decide, and the sum that led to it; `sum` is null where something counted has no end. */
export type StepsDecision = {
  steps: readonly ApprovalStep[];
  escalated: boolean;
  sum: string | null;
  detail: string;
};

/**
 * Which steps decide a request: the rule's own, or those of its escalation where the request and everything else of
 * the kind come to more than the rule's `above`. Sums in another currency cannot be added, so that they count, like
 * a grant without a sum, as more than anything.
 */
export function decideSteps(rule: ScopeRule, limits: Limits, facts: EscalationFacts): StepsDecision {
  const { amounts, steps } = rule;
  const escalation = amounts?.escalation ?? null;
  if (!amounts || !escalation)
    return { steps, escalated: false, sum: null, detail: `The steps of ${rule.scope} decide.` };
  const { above } = escalation;
  const units = total([limits, ...facts.others], amounts.currency);
  const escalated = units === null || units > sumUnits(above);
  const sum = units === null ? null : sumText(units);
  const comes = sum === null ? "has no end" : `comes to ${sum} ${amounts.currency}`;
  const others = facts.others.length;
  const counted =
    others === 0
      ? `The request ${comes}`
      : `Together with ${others} more of the agent and its family it ${comes}`;
  const edge = `${above} ${amounts.currency}`;
  return {
    steps: escalated ? escalation.steps : steps,
    ...{ escalated, sum },
    detail: escalated
      ? `${counted}, more than ${edge}: the escalated steps decide.`
      : `${counted}, at most ${edge}: the steps of ${rule.scope} decide.`,
  };
}

/** The steps that decide a request: see `decideSteps`. */
export function stepsFor(rule: ScopeRule, limits: Limits, facts: EscalationFacts): readonly ApprovalStep[] {
  return decideSteps(rule, limits, facts).steps;
}

function total(all: readonly Limits[], currency: string): bigint | null {
  let units = 0n;
  for (const limits of all) {
    const amount: GrantLimits["amount"] = limits?.amount;
    if (!amount || amount.currency !== currency) return null;
    units += sumUnits(amount.max);
  }
  return units;
}

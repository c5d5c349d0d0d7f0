import { ALL_APPROVERS, type ScopeRule } from "../policy-schema.ts";

/** A scope's rule as a sentence: why a person is asked, and who. */
export function ruleWords(scope: string, rule: ScopeRule | null): string {
  if (!rule) return `The policy no longer knows ${scope}: it cannot be granted.`;
  if (rule.group === "base") return `${scope} is ${rule.risk} and standing: it is given at registration.`;
  const why =
    rule.risk === "HIGH"
      ? "no token carries it without a live approval"
      : `no token carries it without an approval${rule.risk === "MEDIUM" ? " and enough trust" : ""}`;
  const steps = rule.steps.map(({ needs }) =>
    needs
      .map(({ from, votes }) => `${votes} of ${from === ALL_APPROVERS ? "all approvers" : from}`)
      .join(" and "),
  );
  return `${scope} is ${rule.risk} and ${rule.group}: ${why}. Who decides: ${steps.join(", then ")}.`;
}

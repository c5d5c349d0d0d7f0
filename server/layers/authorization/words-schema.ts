import { ALL_APPROVERS, type ScopePolicy, type ScopeRule } from "./policy-schema.ts";

/** Who decides over a scope, in words: `2 approvers, then 1 of Risk officers`. Groups that are not given go by name. */
export function whoDecides(steps: ScopeRule["steps"], groups: ScopePolicy["approverGroups"] = []): string {
  if (steps.length === 0) return "nobody (standing)";
  const title = (from: string) => groups.find(({ name }) => name === from)?.title ?? from;
  const need = ({ from, votes }: ScopeRule["steps"][number]["needs"][number]) =>
    from === ALL_APPROVERS
      ? `${votes} ${votes === 1 ? "approver" : "approvers"}`
      : `${votes} of ${title(from)}`;
  return steps.map(({ needs }) => needs.map(need).join(" and ")).join(", then ");
}

/** What sums limit an approval, in words. */
export function sumsInWords(
  amounts: ScopeRule["amounts"],
  groups: ScopePolicy["approverGroups"] = [],
): string {
  if (amounts === null) return "no sum limits it";
  const { currency, max, escalation } = amounts;
  const above = escalation
    ? `; above ${escalation.above} ${currency} within ${escalation.withinSeconds} s ${whoDecides(escalation.steps, groups)}`
    : "";
  return `at most ${max} ${currency}${above}`;
}

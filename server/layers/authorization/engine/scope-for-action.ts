import { RISKS, type ScopePolicy } from "../policy-schema.ts";
import { matchesPattern, specificity } from "./action-pattern.ts";

type Entry = { pattern: string; scope: string };
type Index = { exact: Map<string, string>; wild: Entry[]; answers: Map<string, string | null> };

/** Distinct action names are few; a caller that invents them gets no more memory than this. */
const ANSWERS_MAX = 10_000;
const indexes = new WeakMap<ScopePolicy, Index>();

/**
 * The scope that an action needs. An action named like a scope needs that scope. A pattern without `*` decides over every pattern with one; among those,
 * the one with more literal characters; among equals, the scope of higher risk.
 *
 * @returns null where no scope covers the action: it is refused as `action_unmapped`.
 */
export function scopeForAction(policy: ScopePolicy, action: string): string | null {
  let index = indexes.get(policy);
  if (!index) {
    index = buildIndex(policy);
    indexes.set(policy, index);
  }
  const exact = index.exact.get(action);
  if (exact !== undefined) return exact;
  const known = index.answers.get(action);
  if (known !== undefined) return known;
  const scope = index.wild.find((entry) => matchesPattern(entry.pattern, action))?.scope ?? null;
  if (index.answers.size >= ANSWERS_MAX) index.answers.clear();
  index.answers.set(action, scope);
  return scope;
}

function buildIndex(policy: ScopePolicy): Index {
  const exact = new Map<string, string>();
  const wild: (Entry & { risk: number })[] = [];
  for (const rule of policy.scopes) {
    exact.set(rule.scope, rule.scope);
    for (const pattern of rule.actions)
      if (pattern.includes("*")) wild.push({ pattern, scope: rule.scope, risk: RISKS.indexOf(rule.risk) });
      else exact.set(pattern, rule.scope);
  }
  wild.sort(
    (a, b) =>
      specificity(b.pattern) - specificity(a.pattern) || b.risk - a.risk || (a.pattern < b.pattern ? -1 : 1),
  );
  return { exact, wild, answers: new Map() };
}

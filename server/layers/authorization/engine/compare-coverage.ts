import { RISKS, type ScopePolicy, type ScopeRule } from "../policy-schema.ts";
import { matchesPattern, specificity } from "./action-pattern.ts";
import { type Judgement, loosens, neutral, tightens } from "./judge-change.ts";
import { patternsOverlap } from "./patterns-overlap.ts";

/** The scope that decides over an action; null where none does, and the action is refused. */
type Cover = ScopeRule | null;
type Claim = { pattern: string; rule: ScopeRule };

/** What claims actions in a policy: every pattern, and every scope's own name. */
export function claimsOf(policy: ScopePolicy): Map<string, ScopeRule> {
  const claims = new Map(policy.scopes.map((rule) => [rule.scope, rule]));
  for (const rule of policy.scopes)
    for (const pattern of rule.actions) if (!claims.has(pattern)) claims.set(pattern, rule);
  return claims;
}

/**
 * Which way it goes for the actions that a pattern names when one policy follows the other. Every scope that may
 * decide over any of them before is compared with every one after, so that a loosening is found wherever it is.
 */
export function compareCoverage(pattern: string, before: ScopePolicy, after: ScopePolicy): Judgement {
  const verdicts = coversOf(before, pattern).flatMap((was) =>
    coversOf(after, pattern).map((is) => compareCover(was, is)),
  );
  return (
    verdicts.find(({ effect }) => effect === "loosens") ??
    verdicts.find(({ effect }) => effect === "tightens") ??
    neutral("The same scope decides as before.")
  );
}

/** The scopes that may decide over an action which the pattern names. */
function coversOf(policy: ScopePolicy, pattern: string): Cover[] {
  const claims = [...claimsOf(policy)].map(([name, rule]): Claim => ({ pattern: name, rule }));
  const ranked = claims
    .filter((claim) => patternsOverlap(claim.pattern, pattern))
    .sort((a, b) => rank(b) - rank(a));
  // A claim that names all of the pattern's actions decides before everything that is less exact.
  const first = ranked.findIndex((claim) => matchesPattern(claim.pattern, pattern));
  const last = ranked[first];
  const deciding = last ? ranked.filter((claim) => rank(claim) >= rank(last)) : ranked;
  const rules = [...new Set(deciding.map(({ rule }) => rule))];
  return last ? rules : [...rules, null];
}

/** An exact name decides over every pattern, and among these the one with more literal characters. */
function rank({ pattern }: Claim): number {
  return pattern.includes("*") ? specificity(pattern) : Number.POSITIVE_INFINITY;
}

function compareCover(was: Cover, is: Cover): Judgement {
  if (was?.scope === is?.scope) return neutral("The same scope decides as before.");
  if (was === null) return loosens("Actions that no scope covered, and that were refused, can now be done.");
  if (is === null) return tightens("Actions that a scope covered are now refused.");
  if (was.group !== "base" && is.group === "base")
    return loosens(`Actions need no approval any more: they go from ${named(was)} to ${named(is)}.`);
  if (was.group === "base" && is.group !== "base")
    return tightens(`Actions need an approval now: they go from ${named(was)} to ${named(is)}.`);
  const step = RISKS.indexOf(is.risk) - RISKS.indexOf(was.risk);
  if (step > 0) return tightens(`Actions go to a riskier scope: from ${named(was)} to ${named(is)}.`);
  if (step < 0) return loosens(`Actions go to a less risky scope: from ${named(was)} to ${named(is)}.`);
  return loosens(`Others may do them: actions go from ${named(was)} to ${named(is)}, of the same risk.`);
}

function named({ scope, risk }: ScopeRule): string {
  return `${scope} (${risk})`;
}

import { RISKS, type ScopePolicy, type ScopeRule } from "../policy-schema.ts";
import { matchesPattern, specificity } from "./action-pattern.ts";
import { type Judgement, loosens, neutral, tightens } from "./judge-change.ts";
import { patternsOverlap, sharesStart } from "./patterns-overlap.ts";

/** The scope that decides over an action; null where none does, and the action is refused. */
type Cover = ScopeRule | null;
type Claim = { pattern: string; rule: ScopeRule };
/** What claims actions in a policy, by pattern: every pattern, and every scope's own name. */
export type Claims = ReadonlyMap<string, ScopeRule>;

/** What comparing may cost, in characters compared with characters: some hundred milliseconds. */
const COST_MAX = 30_000_000;
const PAIR_COST = 10;

/** Every pattern of a policy with the scope that claims it; a scope claims its own name before anybody. */
export function claimsOf(policy: ScopePolicy): Claims {
  const claims = new Map(policy.scopes.map((rule) => [rule.scope, rule]));
  for (const rule of policy.scopes)
    for (const pattern of rule.actions) if (!claims.has(pattern)) claims.set(pattern, rule);
  return claims;
}

/**
 * Says which way it goes for the actions that a pattern names when one policy follows the other. Every scope that
 * may decide over any of them before is compared with every one after, so that a loosening is found wherever it is.
 * Where so much changes at once that this would take too long, the rest counts as loosening.
 */
export function coverageJudge(before: Claims, after: Claims): (pattern: string) => Judgement {
  const [was, is] = [entriesOf(before), entriesOf(after)];
  let left = COST_MAX;
  return (pattern) => {
    if (left >= 0) left -= costOf(was, pattern) + costOf(is, pattern);
    if (left < 0)
      return loosens(
        "So many patterns change at once that this one was not compared: it counts as loosening.",
      );
    const covers = coversOf(is, pattern);
    const verdicts = coversOf(was, pattern).flatMap((old) => covers.map((young) => compareCover(old, young)));
    return (
      verdicts.find(({ effect }) => effect === "loosens") ??
      verdicts.find(({ effect }) => effect === "tightens") ??
      neutral("The same scope decides as before.")
    );
  };
}

function costOf(claims: readonly Claim[], pattern: string): number {
  return claims.reduce(
    (sum, claim) =>
      sum + PAIR_COST + (sharesStart(claim.pattern, pattern) ? claim.pattern.length * pattern.length : 0),
    0,
  );
}

function entriesOf(claims: Claims): Claim[] {
  return [...claims].map(([pattern, rule]) => ({ pattern, rule }));
}

/** The scopes that may decide over an action which the pattern names. */
function coversOf(claims: readonly Claim[], pattern: string): Cover[] {
  const ranked = claims
    .filter((claim) => patternsOverlap(claim.pattern, pattern))
    .sort((a, b) => rank(b) - rank(a));
  // A claim that names all of the pattern's actions decides before everything that is less exact.
  const last = ranked.find((claim) => matchesPattern(claim.pattern, pattern));
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

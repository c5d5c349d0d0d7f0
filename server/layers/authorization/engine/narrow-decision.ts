import type { DecisionOpinion } from "../decision-schema.ts";
import type { ScopeDecision } from "./decide-scopes.ts";

/**
 * Our decision with what a decision point refuses taken out: what it does not allow by name is not granted. It
 * never adds anything, so that a mistake or an intruder there gives nobody more than our rules and approvals do.
 *
 * @param opinion null where our own rules decide alone.
 */
export function narrowDecision(decision: ScopeDecision, opinion: DecisionOpinion | null): ScopeDecision {
  if (opinion === null) return decision;
  const narrowed: ScopeDecision = { granted: [], refused: [...decision.refused] };
  for (const grant of decision.granted) {
    const refusal = refusalOf(grant.scope, opinion);
    if (refusal) narrowed.refused.push({ scope: grant.scope, ...refusal });
    else narrowed.granted.push(grant);
  }
  return narrowed;
}

type Refusal = Pick<ScopeDecision["refused"][number], "rule" | "reason">;

function refusalOf(scope: string, opinion: DecisionOpinion): Refusal | null {
  const { by } = opinion;
  if (!opinion.answered)
    return {
      rule: "decision_point_away",
      reason: `${by} has a say in ${scope} and did not answer: ${opinion.why}. Nothing is granted meanwhile; try again.`,
    };
  const said = Object.hasOwn(opinion.scopes, scope) ? opinion.scopes[scope] : undefined;
  if (said?.allow) return null;
  const why = said && said.reasons.length > 0 ? `: ${said.reasons.join("; ")}` : " and gave no reason";
  return {
    rule: "decision_point_refused",
    reason: said ? `${by} refused ${scope}${why}.` : `${by} said nothing of ${scope}, so it is refused.`,
  };
}

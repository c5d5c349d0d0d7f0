import { checkLine, type Kin, SERVING_STATUSES } from "../../../kernel/family-line.ts";
import type { ScopePolicy, ScopeRule } from "../policy-schema.ts";
import { chooseCover, chooseGrant, countingGrants, type GrantFacts } from "./choose-grant.ts";
import { isAtMostAsWide, type Limits } from "./narrow-limits.ts";

export type { GrantFacts };
/** Statuses in which an agent is given tokens; in every other it is given none. */
export { SERVING_STATUSES };

/** One above an agent. */
export type Elder = Kin & { grants: readonly GrantFacts[] };

export type ScopeFacts = {
  policy: ScopePolicy;
  agent: { kind: string; status: string; banned: boolean };
  /** Those above the agent, its parent first, each with its own grants. */
  above: readonly Elder[];
  requested: readonly string[];
  /** Limits that were asked for by scope (RFC 9396): a token gets them, where a grant covers them. */
  asked?: ReadonlyMap<string, Limits> | undefined;
  /** Grants of this agent and no other. */
  grants: readonly GrantFacts[];
  /** Trust score in [0, 1]; null where it was not needed or is not known. */
  trust: number | null;
  now: Date;
};

export type RefusalRule =
  | "agent_not_in_service"
  | "parent_not_in_service"
  | "resource_server"
  | "scope_unknown"
  | "not_covered_by_parent"
  | "not_granted"
  | "approval_needed"
  | "wider_than_granted"
  | "trust_too_low"
  | "decision_point_refused"
  | "decision_point_away";

export type ScopeDecision = {
  /**
   * `limits`: what all these grants leave of what was asked for. `restsOn`: grants of those above that cover it.
   * `expiresAt`: the first end of all these grants.
   */
  granted: {
    scope: string;
    grantIds: string[];
    limits: Limits;
    restsOn: string[];
    expiresAt: Date | null;
  }[];
  refused: { scope: string; rule: RefusalRule; reason: string }[];
};

/**
 * Which of the requested scopes an agent gets, and for each other one the rule that refused it. LOW needs
 * the standing grant; MEDIUM a live grant and trust above the policy's edge; HIGH a live grant that an
 * approval gave. Elevated and time-bound scopes count only with a grant that ends and came from an approval, or from
 * somebody who broke glass.
 * A child gets what everybody above it holds live as well, and no longer than that lasts. Limits that are asked for
 * may be narrower than the grant's, never wider, whoever's grant it is.
 */
export function decideScopes(facts: ScopeFacts): ScopeDecision {
  const decision: ScopeDecision = { granted: [], refused: [] };
  const line = checkLine(facts.above);
  for (const scope of new Set(facts.requested)) {
    const refuse = (rule: RefusalRule, reason: string) => decision.refused.push({ scope, rule, reason });
    const rule = facts.policy.scopes.find((candidate) => candidate.scope === scope);
    if (facts.agent.banned || !SERVING_STATUSES.includes(facts.agent.status)) {
      const state = facts.agent.banned ? "banned" : facts.agent.status;
      refuse("agent_not_in_service", `The agent is ${state}: it gets no tokens.`);
    } else if (facts.agent.kind !== "agent") {
      refuse(
        "resource_server",
        "Agents alone get tokens: a resource server asks about theirs, a source of signals tells of them.",
      );
    } else if (!line.passed) {
      refuse("parent_not_in_service", line.detail);
    } else if (!rule) {
      refuse("scope_unknown", `Version ${facts.policy.version} of the policy knows no scope ${scope}.`);
    } else {
      const one = decideOne(facts, rule);
      if ("reason" in one) refuse(one.rule, one.reason);
      else decision.granted.push(one);
    }
  }
  return decision;
}

function decideOne(
  { policy, grants, asked, above, trust, now }: ScopeFacts,
  rule: ScopeRule,
): ScopeDecision["granted"][number] | { rule: RefusalRule; reason: string } {
  const refuse = (broken: RefusalRule, reason: string) => ({ rule: broken, reason });
  const { missing } = coverFromAbove(above, rule, now);
  if (missing !== null) return refuse("not_covered_by_parent", missing);
  const held = countingGrants(grants, rule, now);
  if (held.length === 0) {
    if (rule.group === "base") return refuse("not_granted", `${rule.scope} was not granted to this agent.`);
    return refuse(
      "approval_needed",
      `${rule.scope} is ${rule.risk} and ${rule.group}: a person must approve it for this agent, and no approval is live.`,
    );
  }
  const wanted = asked?.get(rule.scope) ?? null;
  const chosen = chooseGrant(held, wanted);
  if (!chosen) return refuse("wider_than_granted", tooWide(rule.scope, held, wanted));
  const cover = coverFromAbove(above, rule, now, chosen.limits);
  if (cover.missing !== null) return refuse("not_covered_by_parent", cover.missing);
  if (wanted !== null && !isAtMostAsWide(chosen.limits, cover.limits))
    return refuse(
      "wider_than_granted",
      `${rule.scope} is asked for with wider limits than those above the agent hold: a child has at most what its parent has.`,
    );
  if (rule.risk === "MEDIUM" && !(trust !== null && trust > policy.mediumTrustAbove)) {
    const said = trust === null ? "is not known" : `is ${trust}`;
    return refuse(
      "trust_too_low",
      `${rule.scope} is MEDIUM and needs trust above ${policy.mediumTrustAbove}; the agent's ${said}.`,
    );
  }
  return {
    scope: rule.scope,
    grantIds: [chosen.grant.id],
    limits: cover.limits,
    restsOn: cover.grants.map(({ id }) => id),
    expiresAt: firstEnd([chosen.grant, ...cover.grants]),
  };
}

function tooWide(scope: string, held: readonly GrantFacts[], wanted: Limits): string {
  const ids = held.map(({ id }) => id).join(", ");
  return wanted === null
    ? `${scope} is granted with limits that allow nothing (grant ${ids}). Ask for a new approval.`
    : `${scope} is asked for with wider limits than were granted (grant ${ids}). Ask for less, or for a new approval.`;
}

/**
 * The grants of those above an agent that cover a scope, one for each of them, and what they leave of these limits;
 * or the sentence that names who holds none.
 */
export function coverFromAbove(
  above: readonly Elder[],
  rule: ScopeRule,
  now: Date,
  limits: Limits = null,
): { grants: GrantFacts[]; limits: Limits; missing: string | null } {
  const grants: GrantFacts[] = [];
  let left = limits;
  for (const { name, grants: held } of above) {
    const live = countingGrants(held, rule, now);
    const chosen = chooseCover(live, left);
    if (!chosen) return { grants: [], limits: left, missing: notCovered(rule.scope, name, live.length > 0) };
    grants.push(chosen.grant);
    left = chosen.limits;
  }
  return { grants, limits: left, missing: null };
}

function notCovered(scope: string, name: string, holdsOther: boolean): string {
  const lacks = holdsOther
    ? `its parent ${name} holds it with limits that leave nothing of this`
    : `its parent ${name} holds no live grant of it`;
  return `${scope} is not covered: ${lacks}, and a child has at most what its parent has.`;
}

/** When the first of these grants ends; null where none does. */
export function firstEnd(grants: readonly Pick<GrantFacts, "expiresAt">[]): Date | null {
  const ends = grants.flatMap(({ expiresAt }) => (expiresAt ? [expiresAt.getTime()] : []));
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}

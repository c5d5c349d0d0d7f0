import { checkLine, type Kin, SERVING_STATUSES } from "../../../kernel/family-line.ts";
import type { ScopePolicy, ScopeRule } from "../policy-schema.ts";

/** Statuses in which an agent is given tokens; in every other it is given none. */
export { SERVING_STATUSES };

export type GrantFacts = {
  id: string;
  scope: string;
  /** Null for a standing base grant. */
  approvalId: string | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
};

/** One above an agent. */
export type Elder = Kin & { grants: readonly GrantFacts[] };

export type ScopeFacts = {
  policy: ScopePolicy;
  agent: { kind: string; status: string; banned: boolean };
  /** Those above the agent, its parent first, each with its own grants. */
  above: readonly Elder[];
  requested: readonly string[];
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
  | "trust_too_low"
  | "decision_point_refused"
  | "decision_point_away";

export type ScopeDecision = {
  /** `restsOn`: grants of those above that cover it. `expiresAt`: the first end of all these grants. */
  granted: { scope: string; grantIds: string[]; restsOn: string[]; expiresAt: Date | null }[];
  refused: { scope: string; rule: RefusalRule; reason: string }[];
};

/** A token lives for whole seconds: what ends within this is over. */
const LIFE_MS_MIN = 1_000;

/**
 * Which of the requested scopes an agent gets, and for each other one the rule that refused it. LOW needs
 * the standing grant; MEDIUM a live grant and trust above the policy's edge; HIGH a live grant that an
 * approval gave. Elevated and time-bound scopes count only with a grant that came from an approval and ends.
 * A child gets what everybody above it holds live as well, and no longer than that lasts.
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
      refuse("resource_server", "A resource server asks about tokens and gets none.");
    } else if (!line.passed) {
      refuse("parent_not_in_service", line.detail);
    } else if (!rule) {
      refuse("scope_unknown", `Version ${facts.policy.version} of the policy knows no scope ${scope}.`);
    } else {
      decideOne(facts, rule, decision, refuse);
    }
  }
  return decision;
}

function decideOne(
  { policy, grants, above, trust, now }: ScopeFacts,
  rule: ScopeRule,
  decision: ScopeDecision,
  refuse: (rule: RefusalRule, reason: string) => void,
): void {
  const cover = coverFromAbove(above, rule, now);
  if (cover.missing !== null) {
    refuse("not_covered_by_parent", cover.missing);
    return;
  }
  const grant = longestLiveGrant(grants, rule, now);
  if (!grant) {
    if (rule.group === "base") refuse("not_granted", `${rule.scope} was not granted to this agent.`);
    else
      refuse(
        "approval_needed",
        `${rule.scope} is ${rule.risk} and ${rule.group}: a person must approve it for this agent, and no approval is live.`,
      );
    return;
  }
  if (rule.risk === "MEDIUM" && !(trust !== null && trust > policy.mediumTrustAbove)) {
    const said = trust === null ? "is not known" : `is ${trust}`;
    refuse(
      "trust_too_low",
      `${rule.scope} is MEDIUM and needs trust above ${policy.mediumTrustAbove}; the agent's ${said}.`,
    );
    return;
  }
  decision.granted.push({
    scope: rule.scope,
    grantIds: [grant.id],
    restsOn: cover.grants.map(({ id }) => id),
    expiresAt: firstEnd([grant, ...cover.grants]),
  });
}

/**
 * The grants of those above an agent that cover a scope, one for each of them, or the sentence that names who
 * holds none.
 */
export function coverFromAbove(
  above: readonly Elder[],
  rule: ScopeRule,
  now: Date,
): { grants: GrantFacts[]; missing: string | null } {
  const grants: GrantFacts[] = [];
  for (const { name, grants: held } of above) {
    const grant = longestLiveGrant(held, rule, now);
    if (!grant)
      return {
        grants: [],
        missing: `${rule.scope} is not covered: its parent ${name} holds no live grant of it, and a child has at most what its parent has.`,
      };
    grants.push(grant);
  }
  return { grants, missing: null };
}

/** When the first of these grants ends; null where none does. */
export function firstEnd(grants: readonly Pick<GrantFacts, "expiresAt">[]): Date | null {
  const ends = grants.flatMap(({ expiresAt }) => (expiresAt ? [expiresAt.getTime()] : []));
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}

function longestLiveGrant(grants: readonly GrantFacts[], rule: ScopeRule, now: Date): GrantFacts | null {
  const needsApproval = rule.group !== "base" || rule.risk === "HIGH";
  const ends = (grant: GrantFacts) => grant.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const live = grants.filter(
    (grant) =>
      grant.scope === rule.scope &&
      grant.revokedAt === null &&
      ends(grant) - now.getTime() >= LIFE_MS_MIN &&
      (!needsApproval || (grant.approvalId !== null && grant.expiresAt !== null)),
  );
  return live.reduce<GrantFacts | null>(
    (best, grant) => (best && ends(best) >= ends(grant) ? best : grant),
    null,
  );
}

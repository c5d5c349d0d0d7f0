import type { ScopePolicy, ScopeRule } from "../schema.ts";

/** Statuses in which an agent is given tokens; in every other it is given none. */
export const SERVING_STATUSES: readonly string[] = ["enrolled", "active", "throttled"];

export type GrantFacts = {
  id: string;
  scope: string;
  /** Null for a standing base grant. */
  approvalId: string | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
};

export type ScopeFacts = {
  policy: ScopePolicy;
  agent: { status: string; banned: boolean };
  requested: readonly string[];
  /** Grants of this agent and no other. */
  grants: readonly GrantFacts[];
  /** Trust score in [0, 1]; null where it was not needed or is not known. */
  trust: number | null;
  now: Date;
};

export type RefusalRule =
  | "agent_not_in_service"
  | "scope_unknown"
  | "not_granted"
  | "approval_needed"
  | "trust_too_low";

export type ScopeDecision = {
  granted: { scope: string; grantIds: string[]; expiresAt: Date | null }[];
  refused: { scope: string; rule: RefusalRule; reason: string }[];
};

/** A token lives for whole seconds: what ends within this is over. */
const LIFE_MS_MIN = 1_000;

/**
 * Which of the requested scopes an agent gets, and for each other one the rule that refused it. LOW needs
 * the standing grant; MEDIUM a live grant and trust above the policy's edge; HIGH a live grant that an
 * approval gave. Elevated and time-bound scopes count only with a grant that came from an approval and ends.
 */
export function decideScopes(facts: ScopeFacts): ScopeDecision {
  const decision: ScopeDecision = { granted: [], refused: [] };
  for (const scope of new Set(facts.requested)) {
    const refuse = (rule: RefusalRule, reason: string) => decision.refused.push({ scope, rule, reason });
    const rule = facts.policy.scopes.find((candidate) => candidate.scope === scope);
    if (facts.agent.banned || !SERVING_STATUSES.includes(facts.agent.status)) {
      const state = facts.agent.banned ? "banned" : facts.agent.status;
      refuse("agent_not_in_service", `The agent is ${state}: it gets no tokens.`);
    } else if (!rule) {
      refuse("scope_unknown", `Version ${facts.policy.version} of the policy knows no scope ${scope}.`);
    } else {
      decideOne(facts, rule, decision, refuse);
    }
  }
  return decision;
}

function decideOne(
  { policy, grants, trust, now }: ScopeFacts,
  rule: ScopeRule,
  decision: ScopeDecision,
  refuse: (rule: RefusalRule, reason: string) => void,
): void {
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
  decision.granted.push({ scope: rule.scope, grantIds: [grant.id], expiresAt: grant.expiresAt });
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

import { canonicalBytes } from "../../../kernel/canonical.ts";
import { type Check, type Decision, verdict } from "../../../kernel/decision.ts";
import { sha256Label } from "../../../kernel/hash.ts";
import { type PersonFacts, samePerson } from "../../../kernel/same-person.ts";
import { SERVING_STATUSES } from "./decide-scopes.ts";

export type OverrideFacts = {
  decider: PersonFacts & {
    /** What the database says of them now, not what their session said when it began. */
    mayDecide: boolean;
    disabled: boolean;
    /** They came over a session of their own: an API key never decides. */
    inPerson: boolean;
  };
  override: { status: string; openUntil: Date; digest: string };
  /** Who asked; `unknown` where the account cannot be found. */
  requester: PersonFacts | "unknown";
  /** Who answers for the agent and for those above it; `unknown` where an account cannot be found. */
  owners: readonly (PersonFacts | "unknown")[];
  agent: { status: string; banned: boolean };
  now: Date;
};

export type OverrideWish = { decision: "approve" | "deny"; digest: string };

/** What a decision on an override is bound to: SHA-256 over the canonical agent, score and duration. */
export function overrideDigest(terms: { agentId: string; score: number; durationSeconds: number }): string {
  const { agentId, score, durationSeconds } = terms;
  return sha256Label("vigil-trust-override/v1\n", canonicalBytes({ agentId, score, durationSeconds }));
}

/**
 * Whether this person's decision on an override counts: every way around a second person is a check of its own, and
 * one that cannot be decided has failed. Denying asks nothing of the agent.
 */
export function decideOverride(facts: OverrideFacts, wish: OverrideWish): Decision {
  const checks = [...eligibility(facts), sameRequest(facts, wish)];
  if (wish.decision === "approve") checks.push(serving(facts));
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

/** Why this person may or may not approve, check by check: shown beside the buttons. */
export function mayApproveOverride(facts: OverrideFacts): Decision {
  const checks = [...eligibility(facts), serving(facts)];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

function eligibility({ decider, override, requester, owners, now }: OverrideFacts): Check[] {
  return [
    verdict(
      "in-person",
      decider.inPerson,
      "You signed in as yourself.",
      "An API key decides nothing; sign in at the console.",
    ),
    verdict(
      "may-decide",
      decider.mayDecide && !decider.disabled,
      "You hold the role approver.",
      "Only people who hold the role approver now may decide.",
    ),
    verdict(
      "not-requester",
      requester !== "unknown" && !samePerson(requester, decider),
      "Somebody else asked for this.",
      requester === "unknown"
        ? "The account of the person who asked cannot be found, so nobody can be shown to be somebody else."
        : "You asked for this yourself; a second person must decide.",
    ),
    verdict(
      "not-owner",
      owners.every((owner) => owner !== "unknown" && !samePerson(owner, decider)),
      owners.length === 0 ? "The agent has no owner to exclude." : "The agent is not yours.",
      owners.includes("unknown")
        ? "The account of the agent's owner cannot be found, so nobody can be shown to be somebody else."
        : "You own this agent or one above it; somebody else must decide.",
    ),
    verdict(
      "open",
      override.status === "pending" && override.openUntil > now,
      "The request is open.",
      override.status === "pending"
        ? "The request has expired."
        : `The request is already ${override.status}.`,
    ),
  ];
}

function sameRequest({ override }: OverrideFacts, wish: OverrideWish): Check {
  return verdict(
    "same-request",
    wish.digest === override.digest,
    "The decision is for this request as it stands.",
    "The request is not the one you were shown; read it again.",
  );
}

function serving({ agent }: OverrideFacts): Check {
  const state = agent.banned ? "banned" : agent.status;
  return verdict(
    "agent-in-service",
    !agent.banned && SERVING_STATUSES.includes(agent.status),
    `The agent is ${state}.`,
    `The agent is ${state}: its trust is not set by hand until it is released.`,
  );
}

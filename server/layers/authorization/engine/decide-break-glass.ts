import { type Check, type Decision, verdict } from "../../../kernel/decision.ts";
import { type PersonFacts, samePerson } from "../../../kernel/same-person.ts";
import type { GrantLimits } from "../limits-schema.ts";
import type { ScopePolicy, ScopeRule } from "../policy-schema.ts";
import { SERVING_STATUSES } from "./decide-scopes.ts";

/** A person as the database has them now, and how they came. */
export type PersonNow = PersonFacts & {
  holdsRole: boolean;
  disabled: boolean;
  /** They came over a session of their own. */
  inPerson: boolean;
};

export type BreakGlassFacts = {
  person: PersonNow;
  rule: ScopePolicy["breakGlass"];
  /** Who answers for the agent and for those above it; `unknown` where an account cannot be found. */
  owners: readonly (PersonFacts | "unknown")[];
  agent: { kind: string; status: string; banned: boolean };
  /** Those above the agent are in service and hold the scope themselves; empty where it has no parent. */
  cover: readonly Check[];
  /** Who used it and is overdue for review; `unknown` where that account cannot be found. */
  overdue: readonly (PersonFacts | "unknown")[];
  /** A use for the same agent and scope whose time is not over. */
  alreadyBroken: boolean;
  /** Whose uses for the same agent and scope nobody has reviewed yet; `unknown` where an account cannot be found. */
  unreviewed: readonly (PersonFacts | "unknown")[];
};
export type BreakGlassWish = { scope: Pick<ScopeRule, "scope" | "group" | "secondsMax">; seconds: number };

/** Checks that fail because of what was asked or how things stand, not because of who asks. */
export const BREAK_GLASS_STATES: readonly string[] = [
  "agent-in-service",
  "scope-is-given-for-a-time",
  "not-too-long",
  "not-yet-broken",
  "last-one-reviewed",
  "parent-in-service",
  "covered-by-parent",
];

/** How long one use may last at most, seconds: the shorter of what break-glass and the scope allow. */
export function breakGlassSeconds(rule: ScopePolicy["breakGlass"], scope: BreakGlassWish["scope"]): number {
  return Math.min(rule.secondsMax, scope.secondsMax ?? 0);
}

/** One person alone gives no more than all approvers together may: where a scope is about sums, the policy's maximum. */
export function breakGlassLimits({ amounts }: Pick<ScopeRule, "amounts">): GrantLimits | null {
  return amounts && { amount: { max: amounts.max, currency: amounts.currency } };
}

/**
 * Whether this person may give the agent a scope alone, because it cannot wait. What cannot be decided has failed.
 * The owner may not: they answer for the agent, and with nobody else deciding they would arm what is their own.
 */
export function decideBreakGlass(facts: BreakGlassFacts, wish: BreakGlassWish): Decision {
  const checks = [...who(facts), ...what(facts, wish), ...facts.cover];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

/** Why this person may or may not break glass for this agent at all, whatever the scope: shown before they ask. */
export function mayBreakGlass(facts: BreakGlassFacts): Decision {
  const checks = [...who(facts), serving(facts)];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

function who({ person, rule, owners, overdue }: BreakGlassFacts): Check[] {
  const own = overdue.some((one) => one === "unknown" || samePerson(one, person));
  return [
    verdict(
      "in-person",
      person.inPerson,
      "You signed in as yourself.",
      "An API key never breaks glass; sign in at the console.",
    ),
    verdict(
      "may-break-glass",
      person.holdsRole && !person.disabled,
      "You hold a role that may break glass.",
      "Only people who hold the role analyst or approver now may break glass.",
    ),
    verdict(
      "named-in-policy",
      rule.people.includes(person.id),
      "The policy names you.",
      rule.people.length === 0
        ? "The policy names nobody, so nobody may break glass."
        : "The policy does not name you among those who may break glass.",
    ),
    verdict(
      "not-owner",
      owners.every((owner) => owner !== "unknown" && !samePerson(owner, person)),
      owners.length === 0 ? "The agent has no owner to exclude." : "The agent is not yours.",
      owners.includes("unknown")
        ? "The account of the agent's owner cannot be found, so nobody can be shown to be somebody else."
        : "You own this agent or one above it; somebody else must act.",
    ),
    verdict(
      "reviewed-before",
      !own,
      "None of your uses is overdue for review.",
      "One of your uses is overdue for review; until somebody has reviewed it you cannot break glass again.",
    ),
  ];
}

function what(facts: BreakGlassFacts, { scope, seconds }: BreakGlassWish): Check[] {
  const secondsMax = breakGlassSeconds(facts.rule, scope);
  return [
    serving(facts),
    verdict(
      "scope-is-given-for-a-time",
      scope.group !== "base",
      `${scope.scope} is ${scope.group}.`,
      `${scope.scope} is a base scope: it is granted with the registration, not for a time.`,
    ),
    verdict(
      "not-too-long",
      seconds <= secondsMax,
      "The time is at most what the policy allows.",
      `Glass is broken for at most ${secondsMax} s; ${seconds} s were asked for.`,
    ),
    verdict(
      "not-yet-broken",
      !facts.alreadyBroken,
      "Nobody has broken glass for this already.",
      "Somebody has broken glass for this agent and scope, and its time is not over.",
    ),
    verdict(
      "last-one-reviewed",
      facts.unreviewed.every((one) => one !== "unknown" && !samePerson(one, facts.person)),
      "No use of yours for this agent and scope waits for its review.",
      "Your last use for this agent and scope waits for its review: one person does not hold a scope open by breaking glass again and again.",
    ),
  ];
}

function serving({ agent }: BreakGlassFacts): Check {
  const state = agent.banned ? "banned" : agent.status;
  const isAgent = agent.kind === "agent";
  return verdict(
    "agent-in-service",
    isAgent && !agent.banned && SERVING_STATUSES.includes(agent.status),
    `The agent is ${state}.`,
    isAgent
      ? `The agent is ${state}: it is given nothing until it is released.`
      : "Agents alone hold scopes: a resource server asks about theirs, a source of signals tells of them.",
  );
}

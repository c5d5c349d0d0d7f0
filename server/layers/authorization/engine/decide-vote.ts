import { type Check, type Decision, verdict } from "../../../kernel/decision.ts";
import { type PersonFacts, samePerson } from "../../../kernel/same-person.ts";
import { mayFillStep, type StepFacts } from "./approval-steps.ts";
import { SERVING_STATUSES } from "./decide-scopes.ts";
import { isAtMostAsWide, isNothing, type Limits, meetLimits, readLimits } from "./narrow-limits.ts";

export type VoteFacts = {
  voter: PersonFacts & {
    /** What the database says of them now, not what their session said when it began. */
    mayVote: boolean;
    disabled: boolean;
    /** They came over a session of their own: an API key never votes. */
    inPerson: boolean;
    /** The approver groups they are in now. */
    groups: readonly string[];
  };
  approval: {
    status: string;
    expiresAt: Date;
    digest: string;
    durationSeconds: number;
    /** As stored. */
    limits?: unknown;
    policyVersion: number;
    requestedByType: string;
  };
  /** What those who approved before agree on; absent where nobody has, or nothing narrows it. */
  agreed?: Limits;
  /** Who asked; null where an agent did, `unknown` where the account cannot be found. */
  requester: PersonFacts | null | "unknown";
  /** Who answers for the agent and for those above it; `unknown` where an account cannot be found. */
  owners: readonly (PersonFacts | "unknown")[];
  agent: { status: string; banned: boolean };
  /** Those above the agent are in service and hold the scope themselves; empty where it has no parent. */
  cover: readonly Check[];
  /** Who must decide, and who has approved so far. */
  steps: StepFacts;
  currentPolicyVersion: number;
  alreadyVoted: boolean;
  now: Date;
};

export type VoteWish = { vote: "approve" | "deny"; digest: string; durationSeconds: number; limits?: Limits };

/**
 * Whether this vote counts: the table of four eyes. Every way around it is a check of its own; one that
 * cannot be decided (an account that is not found) has failed. Whoever decides in a later step may already deny.
 */
export function decideVote(facts: VoteFacts, wish: VoteWish): Decision {
  const turn = mayFillStep(facts.steps, { person: facts.voter, groups: facts.voter.groups });
  const checks = [...eligibility(facts), ...binding(facts, wish), ...agreement(facts, wish)];
  if (wish.vote === "approve") checks.push(turn, serving(facts), ...facts.cover);
  else if (turn.id === "in-group") checks.push(turn);
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

/** Why this person may or may not approve, check by check: shown beside the buttons. */
export function mayApprove(facts: VoteFacts): Decision {
  const turn = mayFillStep(facts.steps, { person: facts.voter, groups: facts.voter.groups });
  const checks = [...eligibility(facts), turn, serving(facts), ...facts.cover];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

function eligibility(facts: VoteFacts): Check[] {
  const { voter, approval, requester, owners, now } = facts;
  const open = approval.status === "pending" && approval.expiresAt > now;
  return [
    verdict(
      "in-person",
      voter.inPerson,
      "You signed in as yourself.",
      "An API key has no vote; sign in at the console.",
    ),
    verdict(
      "may-vote",
      voter.mayVote && !voter.disabled,
      "You hold the role approver.",
      "Only people who hold the role approver now may vote.",
    ),
    verdict(
      "not-requester",
      requester === null || (requester !== "unknown" && !samePerson(requester, voter)),
      "Somebody else asked for this.",
      requester === "unknown"
        ? "The account of the person who asked cannot be found, so nobody can be shown to be somebody else."
        : "You asked for this yourself; a second person must decide.",
    ),
    verdict(
      "not-owner",
      owners.every((owner) => owner !== "unknown" && !samePerson(owner, voter)),
      owners.length === 0 ? "The agent has no owner to exclude." : "The agent is not yours.",
      owners.includes("unknown")
        ? "The account of the agent's owner cannot be found, so nobody can be shown to be somebody else."
        : "You own this agent or one above it; somebody else must decide.",
    ),
    verdict(
      "open",
      open,
      "The request is open.",
      approval.status === "pending"
        ? "The request has expired."
        : `The request is already ${approval.status}.`,
    ),
    verdict(
      "first-vote",
      !facts.alreadyVoted,
      "You have not voted yet.",
      "You have voted already; a vote is never changed.",
    ),
    verdict(
      "policy-unchanged",
      approval.policyVersion === facts.currentPolicyVersion,
      "The policy is the one it was asked under.",
      `It was asked under version ${approval.policyVersion} of the policy; version ${facts.currentPolicyVersion} counts now. Ask again.`,
    ),
  ];
}

function binding({ approval }: VoteFacts, wish: VoteWish): Check[] {
  const asked = readLimits(approval.limits);
  const widens = !isAtMostAsWide(wish.limits === undefined ? asked : wish.limits, asked);
  return [
    verdict(
      "same-request",
      wish.digest === approval.digest,
      "The vote is for this request as it stands.",
      "The request is not the one you were shown; read it again.",
    ),
    verdict(
      "not-wider",
      wish.durationSeconds <= approval.durationSeconds && !widens,
      "The time and the limits are at most what was asked for.",
      widens
        ? "A vote may narrow the limits, not widen them: every sum and resource must lie within what was asked for."
        : `A vote may shorten the time, not lengthen it: ${approval.durationSeconds} s were asked for.`,
    ),
  ];
}

/** A grant is what all who approve agree on: there must be something. */
function agreement({ agreed = null }: VoteFacts, wish: VoteWish): Check[] {
  const left = meetLimits(agreed, wish.limits ?? null);
  if (left === null || wish.vote === "deny") return [];
  return [
    verdict(
      "limits-agree",
      !isNothing(left),
      "The limits leave something that is allowed.",
      "These limits share nothing with those that others approved: no action could be allowed by both.",
    ),
  ];
}

function serving({ agent }: VoteFacts): Check {
  const state = agent.banned ? "banned" : agent.status;
  return verdict(
    "agent-in-service",
    !agent.banned && SERVING_STATUSES.includes(agent.status),
    `The agent is ${state}.`,
    `The agent is ${state}: it is given nothing until it is released.`,
  );
}

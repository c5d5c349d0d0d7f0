import { type PersonFacts, samePerson } from "../../../kernel/same-person.ts";
import type { Statement } from "../brief-schema.ts";

/** A request that was decided before, with the people who asked and decided. */
export type DecidedRequest = {
  agentId: string;
  scope: string;
  status: string;
  requester: PersonFacts | null;
  deciders: readonly PersonFacts[];
  decidedAt: Date;
  reason: string;
};

export type ConflictFacts = {
  viewer: PersonFacts;
  request: { agentId: string; scope: string; requester: PersonFacts | null };
  /** Who answers for the agent itself, and for those above and below it, by agent. */
  owner: PersonFacts | null;
  kinOwners: readonly { agent: string; owner: PersonFacts }[];
  /** Decided in the last 30 days, newest first. */
  history: readonly DecidedRequest[];
  now: Date;
};

/** Fewer decisions than this are no habit. */
const HABIT_MIN = 5;
const HABIT_SHARE = 0.8;
const DENIAL_DAYS = 7;
const DAY_MS = 86_400_000;

/**
 * What a decider should weigh about themselves and the people concerned. Nothing here forbids a vote: what does is
 * in the table of four eyes (`decideVote`).
 */
export function findConflicts(facts: ConflictFacts): Statement[] {
  return [
    ...kin(facts),
    ...reciprocity(facts),
    ...habit(facts),
    ...ownRequester(facts),
    ...earlierDenial(facts),
  ];
}

function kin({ viewer, kinOwners }: ConflictFacts): Statement[] {
  return kinOwners
    .filter(({ owner }) => samePerson(owner, viewer))
    .map(({ agent }) => ({
      id: "own-kin",
      tone: "warn" as const,
      detail: `You own ${agent}, which is of this agent's family.`,
    }));
}

function reciprocity({ viewer, request, history }: ConflictFacts): Statement[] {
  const { requester } = request;
  if (!requester) return [];
  const mine = history.filter(
    (it) =>
      it.status === "approved" &&
      it.requester &&
      samePerson(it.requester, viewer) &&
      it.deciders.some((person) => samePerson(person, requester)),
  ).length;
  if (mine === 0) return [];
  return [
    {
      id: "reciprocal",
      tone: "warn",
      detail: `Whoever asks here approved ${mine} of your own requests in the last 30 days.`,
    },
  ];
}

function habit({ viewer, request, history }: ConflictFacts): Statement[] {
  const { requester } = request;
  const theirs = history.filter((it) =>
    requester
      ? it.requester !== null && samePerson(it.requester, requester)
      : it.requester === null && it.agentId === request.agentId,
  );
  const mine = theirs.filter(
    (it) => it.status === "approved" && it.deciders.some((person) => samePerson(person, viewer)),
  ).length;
  if (theirs.length < HABIT_MIN || mine / theirs.length < HABIT_SHARE) return [];
  const whom = requester ? "this requester's" : "this agent's own";
  return [
    {
      id: "habit",
      tone: "warn",
      detail: `You approved ${mine} of ${whom} ${theirs.length} requests that were decided in the last 30 days.`,
    },
  ];
}

function ownRequester({ request, owner }: ConflictFacts): Statement[] {
  if (!owner || !request.requester || !samePerson(owner, request.requester)) return [];
  return [{ id: "owner-asks", tone: "note", detail: "Whoever asks also owns the agent." }];
}

function earlierDenial({ request, history, now }: ConflictFacts): Statement[] {
  const denied = history.find(
    (it) =>
      it.status === "denied" &&
      it.agentId === request.agentId &&
      it.scope === request.scope &&
      now.getTime() - it.decidedAt.getTime() <= DENIAL_DAYS * DAY_MS,
  );
  if (!denied) return [];
  return [
    {
      id: "denied-before",
      tone: "warn",
      detail: `The same was denied at ${denied.decidedAt.toISOString()}: ${denied.reason}`,
    },
  ];
}

import type { Database, Tx } from "../../../db/client.ts";
import { permits } from "../../access/permissions.ts";
import { parseRoles } from "../../access/roles.ts";
import { samePerson } from "../../kernel/same-person.ts";
import { approvalDigest } from "./engine/approval-digest.ts";
import {
  decidingSteps,
  groupsOf,
  groupTitles,
  judgeSteps,
  type StepFacts,
  type StepsVerdict,
} from "./engine/approval-steps.ts";
import type { Elder } from "./engine/decide-scopes.ts";
import type { VoteFacts } from "./engine/decide-vote.ts";
import { type Operator, personNow, personOf } from "./person-now.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import { coverChecks } from "./require-cover.ts";
import type { AgentRow, ApprovalRow, UserRow, VoteRow } from "./store.ts";
import { lockUsers, usersByIds } from "./store.ts";

/** What a vote is judged by, but for the votes before it. */
type Seen = {
  approval: ApprovalRow;
  agent: Pick<AgentRow, "status" | "banned">;
  /** Accounts of those who own the agent or one above it. */
  ownerIds: readonly string[];
  users: ReadonlyMap<string, UserRow>;
  actor: Operator;
  /** The agent's parents, nearest first; empty where it has none. */
  above: readonly Elder[];
  policy: ScopePolicy;
  now: Date;
};
/** The same once the vote is written, for what follows from it. */
export type VoteSeen = Seen & { agent: AgentRow };
type Loaded = Seen & { votes: readonly VoteRow[] };

/** Everybody whose account bears on a vote: the voter, who asked, who owns the agent or one above it, who voted before. */
export function peopleConcerned(
  approval: Pick<ApprovalRow, "requestedBy" | "requestedByType">,
  ownerIds: readonly string[],
  votes: readonly Pick<VoteRow, "userId">[],
  voterId: string,
): string[] {
  const requester = approval.requestedByType === "operator" ? [approval.requestedBy] : [];
  return [voterId, ...requester, ...ownerIds, ...votes.map((vote) => vote.userId)];
}

/** The accounts of the people concerned, locked where a transaction is about to count on them. */
export function loadPeople(
  db: Database | Tx,
  ids: readonly string[],
  lock: Tx | null,
): Promise<Map<string, UserRow>> {
  return lock ? lockUsers(lock, ids) : usersByIds(db, ids);
}

/** What the four-eyes table is asked: accounts as the database has them now. An account not found is `unknown`. */
export function voteFacts(loaded: Loaded): VoteFacts {
  const { approval, agent, votes, users, actor, now } = loaded;
  const { holdsRole: mayVote, ...voter } = personNow(actor, users, "approvals.vote");
  const { requester, owners } = parties(loaded);
  return {
    voter: {
      ...{ ...voter, mayVote },
      groups: groupsOf(loaded.policy, actor.id, mayVote && !voter.disabled),
    },
    approval: { ...approval, digest: trueDigest(approval) },
    ...{ requester, owners, agent },
    steps: stepFacts(loaded),
    cover: coverChecks(loaded.above, loaded.policy, approval.scope, now),
    currentPolicyVersion: loaded.policy.version,
    alreadyVoted: votes.some((vote) =>
      samePerson(users.get(vote.userId) ?? { id: vote.userId, email: vote.userId }, voter),
    ),
    now,
  };
}

/** The request's digest, or a word that no vote names where the row is not what was digested: edited since. */
function trueDigest(approval: ApprovalRow): string {
  return approvalDigest(approval) === approval.digest ? approval.digest : "altered";
}

type Voted = Pick<Loaded, "approval" | "ownerIds" | "votes" | "users" | "policy">;

/** Which votes fill which need now, and whether it is enough, with the votes that count. */
export function judgeVotes(voted: Voted): StepsVerdict & { counting: VoteRow[] } {
  const verdict = judgeSteps(stepFacts(voted));
  return { ...verdict, counting: voted.votes.filter((vote) => verdict.counted.includes(vote.userId)) };
}

/**
 * What the steps are asked: approving votes cast for the request as it stands, by people as they are now. While a
 * request waits, nobody counts who lost the role or was disabled; of a decided one it is told how it was decided.
 */
export function stepFacts({ approval, ownerIds, votes, users, policy }: Voted): StepFacts {
  const digest = trueDigest(approval);
  const { requester, owners } = parties({ approval, ownerIds, users });
  const waits = approval.status === "pending";
  return {
    steps: decidingSteps(
      policy.scopes.find((rule) => rule.scope === approval.scope),
      approval,
    ),
    votes: votes
      .filter((vote) => vote.vote === "approve" && vote.digest === digest)
      .flatMap((vote) => {
        const user = users.get(vote.userId);
        const groups = groupsOf(policy, vote.userId, !waits || holdsRole(user));
        return user ? [{ person: user, groups }] : [];
      }),
    excluded: waits ? [...(requester ? [requester] : []), ...owners] : [],
    titles: groupTitles(policy),
  };
}

function parties({
  approval,
  ownerIds,
  users,
}: Pick<Loaded, "approval" | "ownerIds" | "users">): Pick<VoteFacts, "requester" | "owners"> {
  return {
    requester: approval.requestedByType === "operator" ? personOf(users, approval.requestedBy) : null,
    owners: ownerIds.map((id) => personOf(users, id)),
  };
}

function holdsRole(user: UserRow | undefined): boolean {
  return user !== undefined && user.disabledAt === null && permits(parseRoles(user.roles), "approvals.vote");
}

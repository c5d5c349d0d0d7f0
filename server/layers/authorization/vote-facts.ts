import type { Database, Tx } from "../../../db/client.ts";
import { permits } from "../../access/permissions.ts";
import { parseRoles } from "../../access/roles.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { PersonFacts } from "../../kernel/same-person.ts";
import { samePerson } from "../../kernel/same-person.ts";
import { approvalDigest } from "./engine/approval-digest.ts";
import type { Elder } from "./engine/decide-scopes.ts";
import type { VoteFacts } from "./engine/decide-vote.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import { coverChecks } from "./require-cover.ts";
import type { AgentRow, ApprovalRow, UserRow, VoteRow } from "./store.ts";
import { lockUsers, usersByIds } from "./store.ts";

type Loaded = {
  approval: ApprovalRow;
  agent: Pick<AgentRow, "status" | "banned" | "ownerId">;
  votes: readonly VoteRow[];
  users: ReadonlyMap<string, UserRow>;
  actor: Extract<Actor, { type: "operator" }>;
  /** The agent's parents, nearest first; empty where it has none. */
  above: readonly Elder[];
  policy: ScopePolicy;
  now: Date;
};

/** Everybody whose account bears on a vote: the voter, who asked, who owns the agent, who voted before. */
export function peopleConcerned(
  approval: Pick<ApprovalRow, "requestedBy" | "requestedByType">,
  agent: Pick<AgentRow, "ownerId">,
  votes: readonly Pick<VoteRow, "userId">[],
  voterId: string,
): string[] {
  const requester = approval.requestedByType === "operator" ? [approval.requestedBy] : [];
  return [
    voterId,
    ...requester,
    ...(agent.ownerId ? [agent.ownerId] : []),
    ...votes.map((vote) => vote.userId),
  ];
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
  const row = users.get(actor.id);
  const voter: PersonFacts = { id: actor.id, email: row?.email ?? actor.email };
  const person = (id: string): PersonFacts | "unknown" => users.get(id) ?? "unknown";
  return {
    voter: {
      ...voter,
      mayVote: row !== undefined && permits(parseRoles(row.roles), "approvals.vote"),
      disabled: row === undefined || row.disabledAt !== null,
      inPerson: actor.sessionId !== null && actor.apiKeyId === undefined,
    },
    approval: { ...approval, digest: trueDigest(approval) },
    requester: approval.requestedByType === "operator" ? person(approval.requestedBy) : null,
    owner: agent.ownerId ? person(agent.ownerId) : null,
    agent,
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

/**
 * The approving votes that count now: cast for the request as it stands, by people who still hold the role,
 * each person once.
 */
export function countingVotes(
  approval: ApprovalRow,
  votes: readonly VoteRow[],
  users: ReadonlyMap<string, UserRow>,
): VoteRow[] {
  const digest = trueDigest(approval);
  const counted: { vote: VoteRow; user: UserRow }[] = [];
  for (const vote of votes) {
    const user = users.get(vote.userId);
    if (vote.vote !== "approve" || vote.digest !== digest || !user) continue;
    if (user.disabledAt !== null || !permits(parseRoles(user.roles), "approvals.vote")) continue;
    if (counted.some((other) => samePerson(other.user, user))) continue;
    counted.push({ vote, user });
  }
  return counted.map(({ vote }) => vote);
}

import type { VerbContext } from "../../access/verb-context.ts";
import type { PersonFacts } from "../../kernel/same-person.ts";
import type { Statement } from "../../layers/authorization/brief-schema.ts";
import { findConflicts } from "../../layers/authorization/engine/find-conflicts.ts";
import type { AgentRow, ApprovalRow } from "../../layers/authorization/store.ts";
import { decidedSince, peopleOf, votesOf } from "./store.ts";

const LOOK_BACK_DAYS = 30;
const DAY_MS = 86_400_000;

/** What the viewer should weigh of their own position towards a request; nothing where the viewer is no person. */
export async function conflictsOf(
  { db, actor, now }: VerbContext,
  of: { approval: ApprovalRow; agent: AgentRow; kin: readonly AgentRow[] },
): Promise<Statement[]> {
  if (actor.type !== "operator") return [];
  const { approval, agent, kin } = of;
  const requesterId = approval.requestedByType === "operator" ? approval.requestedBy : null;
  const concern = { agentId: agent.id, people: requesterId ? [requesterId, actor.id] : [actor.id] };
  const decided = await decidedSince(db, concern, new Date(now.getTime() - LOOK_BACK_DAYS * DAY_MS));
  const votes = await votesOf(
    db,
    decided.map(({ id }) => id),
  );
  const people = await peopleOf(db, [
    ...votes.map((vote) => vote.userId),
    ...decided.map((it) => it.requestedBy),
    ...[agent, ...kin].flatMap(({ ownerId }) => ownerId ?? []),
    ...concern.people,
  ]);
  const person = (id: string | null): PersonFacts | null => (id && people.get(id)) || null;
  return findConflicts({
    viewer: { id: actor.id, email: actor.email },
    request: { agentId: agent.id, scope: approval.scope, requester: person(requesterId) },
    owner: person(agent.ownerId),
    kinOwners: kin.flatMap(({ name, ownerId }) => {
      const owner = person(ownerId);
      return owner ? [{ agent: name, owner }] : [];
    }),
    history: decided
      .filter(({ id }) => id !== approval.id)
      .map((it) => ({
        ...{
          agentId: it.agentId,
          scope: it.scope,
          status: it.status,
          decidedAt: it.decidedAt ?? it.requestedAt,
        },
        requester: it.requestedByType === "operator" ? person(it.requestedBy) : null,
        deciders: votes
          .filter((vote) => vote.approvalId === it.id)
          .flatMap((vote) => person(vote.userId) ?? []),
        reason: it.decisionReason ?? "",
      })),
    now,
  });
}

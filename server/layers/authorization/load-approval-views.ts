import { desc, inArray } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { agentsAbove } from "../../../db/family.ts";
import { agents, responseStates, trustScores } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { present } from "../../kernel/ensure.ts";
import { samePerson } from "../../kernel/same-person.ts";
import { currentPolicy } from "./current-policy.ts";
import { decidingPolicy } from "./decisive-steps.ts";
import { elders } from "./elders.ts";
import type { Elder } from "./engine/decide-scopes.ts";
import { mayApprove } from "./engine/decide-vote.ts";
import { lifecycleOf } from "./engine/lifecycle.ts";
import { readLimits } from "./engine/narrow-limits.ts";
import { grantViews } from "./grant-views.ts";
import { type Operator, ownersOf } from "./person-now.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import { policiesByVersion } from "./proposal-store.ts";
import { type ApprovalView, approvalView } from "./schema.ts";
import {
  type AgentRow,
  type ApprovalRow,
  grantsOf,
  liveGrants,
  type UserRow,
  usersByIds,
  type VoteRow,
  votesOn,
} from "./store.ts";
import { judgeVotes, peopleConcerned, voteFacts } from "./vote-facts.ts";

type Asked = ApprovalRow & Pick<ApprovalView, "escalation">;
type Viewer = { actor: Actor; now: Date };

/** Requests as one person sees them: with what is known of the agent, and why this person may not approve. */
export async function loadApprovalViews(
  db: Database,
  asked: readonly ApprovalRow[],
  viewer: Viewer,
): Promise<ApprovalView[]> {
  if (asked.length === 0) return [];
  const policy = await currentPolicy(db);
  const rows: Asked[] = [];
  const deciding = new Map<string, ScopePolicy>();
  for (const row of asked) {
    const { votesNeeded, escalation, ...now } = await decidingPolicy(db, policy, row, viewer.now);
    rows.push({ ...row, votesNeeded, escalation });
    deciding.set(row.id, now.policy);
  }
  const agentIds = [...new Set(rows.map((row) => row.agentId))];
  const agentRows = await db.select().from(agents).where(inArray(agents.id, agentIds));
  const agentOf = new Map(agentRows.map((row) => [row.id, row]));
  const votes = await votesOn(
    db,
    rows.map((row) => row.id),
  );
  const familyOf = new Map<string, Family>();
  for (const agent of agentRows) familyOf.set(agent.id, await loadFamily(db, agent, viewer.now));
  const ids = rows.flatMap((row) =>
    peopleConcerned(row, familyOf.get(row.agentId)?.ownerIds ?? [], votes, viewer.actor.id),
  );
  const users = await usersByIds(db, ids);
  const askedUnder = await policiesByVersion(
    db,
    rows.map((row) => row.policyVersion),
  );
  const scores = await db.select().from(responseStates).where(inArray(responseStates.agentId, agentIds));
  const trust = await db
    .selectDistinctOn([trustScores.agentId])
    .from(trustScores)
    .where(inArray(trustScores.agentId, agentIds))
    .orderBy(trustScores.agentId, desc(trustScores.at));
  const trustOf = new Map(trust.map((it) => [it.agentId, Number(it.score)]));
  const given = await grantsOf(
    db,
    rows.map((row) => row.id),
  );
  const held = await liveGrants(db, agentIds, viewer.now);
  return rows.map((row) => {
    const agent = present(agentOf.get(row.agentId), "agent of a request");
    const family = present(familyOf.get(row.agentId), "family of an agent");
    const own = votes.filter((vote) => vote.approvalId === row.id);
    return {
      ...viewOf(row, { agent, ...family }, own, users, deciding.get(row.id) ?? policy, viewer),
      steps: stepsOf({
        ...{ approval: row, ...family, votes: own, users },
        policy:
          (row.status === "pending" ? deciding.get(row.id) : askedUnder.get(row.policyVersion)) ?? policy,
      }),
      lifecycle: lifecycleOf({
        ...{ approval: row, votedAt: own.map((vote) => vote.votedAt), now: viewer.now },
        grant: given.get(row.id) ?? null,
      }),
      score: scores.find((it) => it.agentId === row.agentId)?.score ?? null,
      trust: trustOf.get(row.agentId) ?? null,
      currentGrants: grantViews(
        held.filter((grant) => grant.agentId === row.agentId),
        agent.name,
        policy,
        viewer.now,
      ),
    };
  });
}

/** Those above an agent, and who owns it or one of them. */
type Family = { above: readonly Elder[]; ownerIds: readonly string[] };

async function loadFamily(db: Database, agent: AgentRow, now: Date): Promise<Family> {
  const line = agent.parentId ? await agentsAbove(db, agent.id) : [];
  return { above: await elders(db, line, now), ownerIds: ownersOf([agent, ...line]) };
}

function viewOf(
  row: Asked,
  { agent, above, ownerIds }: Family & { agent: AgentRow },
  votes: readonly VoteRow[],
  users: ReadonlyMap<string, UserRow>,
  policy: ScopePolicy,
  { actor, now }: Viewer,
): Omit<ApprovalView, "score" | "trust" | "currentGrants" | "steps" | "lifecycle"> {
  const overdue = row.status === "pending" && row.expiresAt <= now;
  const requester = row.requestedByType === "operator" ? users.get(row.requestedBy)?.email : agent.name;
  return {
    ...row,
    agent: {
      id: agent.id,
      name: agent.name,
      title: agent.title,
      status: agent.banned ? "banned" : agent.status,
    },
    limits: readLimits(row.limits),
    risk: policy.scopes.find((rule) => rule.scope === row.scope)?.risk ?? null,
    requestedByType: approvalView.shape.requestedByType.parse(row.requestedByType),
    requesterName: requester ?? row.requestedBy,
    status: approvalView.shape.status.parse(overdue ? "expired" : row.status),
    votes: votes.map((vote) => ({
      ...vote,
      vote: vote.vote === "approve" ? "approve" : "deny",
      limits: readLimits(vote.limits),
      name: users.get(vote.userId)?.name ?? vote.userId,
    })),
    mayWithdraw: row.status === "pending" && !overdue && asked(row, users, actor),
    mayVote: mayVote(row, { agent, above, ownerIds }, votes, users, policy, { actor, now }),
  };
}

/** Whether the viewer is the person who asked. */
function asked(row: ApprovalRow, users: ReadonlyMap<string, UserRow>, actor: Actor): boolean {
  const [asker, viewer] = [users.get(row.requestedBy), users.get(actor.id)];
  const person = actor.type === "operator" && row.requestedByType === "operator";
  return person && asker !== undefined && viewer !== undefined && samePerson(asker, viewer);
}

function stepsOf(voted: Parameters<typeof judgeVotes>[0]): ApprovalView["steps"] {
  const named = (userId: string) => ({ userId, name: voted.users.get(userId)?.name ?? userId });
  return judgeVotes(voted).steps.map((step) => ({
    ...step,
    needs: step.needs.map((need) => ({ ...need, castBy: need.castBy.map(named) })),
  }));
}

function mayVote(
  approval: ApprovalRow,
  of: Family & { agent: AgentRow },
  votes: readonly VoteRow[],
  users: ReadonlyMap<string, UserRow>,
  policy: ScopePolicy,
  { actor, now }: Viewer,
): ApprovalView["mayVote"] {
  if (actor.type !== "operator")
    return {
      allowed: false,
      checks: [{ id: "in-person", passed: false, detail: "Only people have a vote." }],
    };
  const viewer: Operator = actor;
  const { outcome, checks } = mayApprove(
    voteFacts({
      ...{ approval, ...of, votes, users, policy, now },
      actor: viewer,
    }),
  );
  return { allowed: outcome === "allow", checks };
}

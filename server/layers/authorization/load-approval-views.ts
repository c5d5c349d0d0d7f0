import { desc, inArray } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { agentsAbove } from "../../../db/family.ts";
import { agents, responseStates, trustScores } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { present } from "../../kernel/ensure.ts";
import { currentPolicy } from "./current-policy.ts";
import { type DecisiveNow, decisiveNow } from "./decisive-steps.ts";
import { elders } from "./elders.ts";
import type { Elder } from "./engine/decide-scopes.ts";
import { mayApprove } from "./engine/decide-vote.ts";
import { readLimits } from "./engine/narrow-limits.ts";
import { grantViews } from "./grant-views.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import { type ApprovalView, approvalView } from "./schema.ts";
import {
  type AgentRow,
  type ApprovalRow,
  liveGrants,
  type UserRow,
  usersByIds,
  type VoteRow,
  votesOn,
} from "./store.ts";
import { peopleConcerned, voteFacts } from "./vote-facts.ts";

type Operator = Extract<Actor, { type: "operator" }>;
type Asked = ApprovalRow & DecisiveNow;
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
  for (const row of asked) rows.push({ ...row, ...(await decisiveNow(db, policy, row, viewer.now)) });
  const agentIds = [...new Set(rows.map((row) => row.agentId))];
  const agentRows = await db.select().from(agents).where(inArray(agents.id, agentIds));
  const agentOf = new Map(agentRows.map((row) => [row.id, row]));
  const votes = await votesOn(
    db,
    rows.map((row) => row.id),
  );
  const ids = rows.flatMap((row) =>
    peopleConcerned(row, present(agentOf.get(row.agentId), "agent of a request"), votes, viewer.actor.id),
  );
  const users = await usersByIds(db, ids);
  const scores = await db.select().from(responseStates).where(inArray(responseStates.agentId, agentIds));
  const trust = await db
    .selectDistinctOn([trustScores.agentId])
    .from(trustScores)
    .where(inArray(trustScores.agentId, agentIds))
    .orderBy(trustScores.agentId, desc(trustScores.at));
  const trustOf = new Map(trust.map((it) => [it.agentId, Number(it.score)]));
  const held = await liveGrants(db, agentIds, viewer.now);
  const aboveOf = new Map<string, Elder[]>();
  for (const agent of agentRows)
    aboveOf.set(
      agent.id,
      agent.parentId ? await elders(db, await agentsAbove(db, agent.id), viewer.now) : [],
    );
  return rows.map((row) => {
    const agent = present(agentOf.get(row.agentId), "agent of a request");
    const own = votes.filter((vote) => vote.approvalId === row.id);
    return {
      ...viewOf(row, { agent, above: aboveOf.get(agent.id) ?? [] }, own, users, policy, viewer),
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

function viewOf(
  row: Asked,
  { agent, above }: { agent: AgentRow; above: readonly Elder[] },
  votes: readonly VoteRow[],
  users: ReadonlyMap<string, UserRow>,
  policy: ScopePolicy,
  { actor, now }: Viewer,
): Omit<ApprovalView, "score" | "trust" | "currentGrants"> {
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
    mayVote: mayVote(row, { agent, above }, votes, users, policy, { actor, now }),
  };
}

function mayVote(
  approval: ApprovalRow,
  of: { agent: AgentRow; above: readonly Elder[] },
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

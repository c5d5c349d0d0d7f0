import { agentsAbove } from "../../../db/family.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { allowancesOf } from "./allowance-store.ts";
import { learningProgress } from "./engine/baseline.ts";
import {
  behaviourOfInput,
  type LearningProposalView,
  type LearningView,
  type ProposalState,
} from "./learning-schema.ts";
import { learningCounts } from "./learning-store.ts";
import { ownersOfAll } from "./maintenance-store.ts";
import { priorOf } from "./peer-store.ts";
import { type ProposalRow, proposalsOf } from "./proposal-store.ts";
import { FEATURES } from "./schema.ts";
import { mayDecide, type Person, peopleByIds } from "./second-person.ts";
import { findAgent } from "./store.ts";
import { versionsOf } from "./versions-store.ts";

/**
 * How an agent is learnt: the versions of its baseline, what was proposed and decided, what verdicts allow, and whom it
 * is compared with while it has too little of its own.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function readLearning(ctx: VerbContext, input: { name: string }): Promise<LearningView> {
  requirePermission(ctx.actor, "agents.read");
  const { db, now } = ctx;
  const { id, name } = await findAgent(db, behaviourOfInput.parse(input).name);
  const [versions, rows, allowances, prior] = await Promise.all([
    versionsOf(db, id),
    proposalsOf(db, id),
    allowancesOf(db, [id], now),
    priorOf(db, id),
  ]);
  const learns = !versions.some(({ active }) => active);
  const counts = learns ? (await learningCounts(db, [id], now)).get(id) : undefined;
  const learning = learns ? learningProgress(counts?.windows ?? 0, counts?.days ?? 0).words : null;
  return {
    agent: { id, name },
    versions,
    proposals: await views(ctx, id, rows, versions),
    allowances: (allowances.get(id) ?? []).map(({ endsMs, ...one }) => ({
      ...one,
      title: FEATURES.find(({ key }) => key === one.feature)?.title ?? one.feature,
      endsAt: endsMs === null ? null : new Date(endsMs),
    })),
    peers:
      prior && learns
        ? {
            ...{ kind: prior.kind, peers: prior.peers, learntAt: prior.learntAt },
            ...{ ownWindows: prior.ownWindows, peerWindows: prior.peerWindows },
            words: `peers: ${prior.peers.length} agents; ${learning}`,
          }
        : null,
    learning,
  };
}

async function views(
  { db, actor, now }: VerbContext,
  agentId: string,
  rows: readonly ProposalRow[],
  versions: LearningView["versions"],
): Promise<LearningProposalView[]> {
  const ownerIds = await ownersOfAll(db, [agentId, ...(await agentsAbove(db, agentId)).map(({ id }) => id)]);
  const people = await peopleByIds(db, [
    ...(actor.type === "operator" ? [actor.id] : []),
    ...ownerIds,
    ...rows.flatMap(({ proposedBy, decidedBy }) => [proposedBy, ...(decidedBy ? [decidedBy] : [])]),
  ]);
  return rows.map((row) => ({
    ...{ id: row.id, kind: row.kind as LearningProposalView["kind"], state: stateOf(row, now) },
    words: wordsOf(row, versions),
    ...{ from: row.fromAt, to: row.toAt, reason: row.reason, digest: row.digest },
    ...{ proposedBy: nameOf(people, row.proposedBy) ?? "", proposedAt: row.proposedAt },
    openUntil: row.openUntil,
    ...{ decidedBy: nameOf(people, row.decidedBy), decidedAt: row.decidedAt },
    ...{ decisionReason: row.decisionReason, doneAt: row.doneAt },
    outcome: row.outcome as Record<string, unknown> | null,
    mayDecide: mayDecide({
      asked: { status: row.status, openUntil: row.openUntil, digest: row.digest },
      ...{ proposedBy: row.proposedBy, ownerIds, people, actor, permission: "learning.decide", now },
    }),
  }));
}

function stateOf({ status, openUntil, doneAt }: ProposalRow, now: Date): ProposalState {
  if (status === "approved") return doneAt === null ? "waiting" : "done";
  if (status === "pending") return openUntil > now ? "pending" : "expired";
  return status as ProposalState;
}

function nameOf(people: ReadonlyMap<string, Person>, id: string | null): string | null {
  return id === null ? null : (people.get(id)?.name ?? id);
}

function wordsOf({ kind, fromAt, baselineId }: ProposalRow, versions: LearningView["versions"]): string {
  const version = versions.find(({ id }) => id === baselineId)?.version;
  const named = version === undefined ? "an earlier version" : `version ${version}`;
  switch (kind) {
    case "exclude":
      return "Keep this interval out of learning";
    case "readmit":
      return "Let this interval back into learning";
    case "relearn":
      return fromAt ? "Learn anew from this instant on alone" : "Learn anew, following what has changed";
    case "rollback":
      return `Go back to ${named} and pin it`;
    default:
      return `Unpin ${named}: the duty learns daily again`;
  }
}

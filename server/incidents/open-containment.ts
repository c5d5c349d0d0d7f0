import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { containments } from "../../db/schema/index.ts";
import { type Actor, actorRecord } from "../kernel/actor.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { writeStep } from "./run-step.ts";
import type { AgentName } from "./store.ts";

/** By what a score was given: the model with its version, and the baseline it was measured against. */
export type ScoredBy = { scorer: string; baselineId: string | null; baselineVersion: number | null };

type Opening = {
  agent: AgentName;
  reason: string;
  alertId: string | null;
  score: number | null;
  contributions: unknown;
  scoredBy: ScoredBy | null;
  /** Of the agent and of everybody below it. */
  tokensRevoked: number;
  /** Names of those below it, who may do nothing either. */
  below: readonly string[];
  epoch: number;
  tokensAt: Date;
  isolationAt: Date;
  actor: Actor;
  now: Date;
  clock: () => Date;
};

/**
 * Writes a containment's row with the two steps that are in the same transaction: tokens dead, DENY_ALL. The
 * caller has locked the agent, found no open containment and checked the permission.
 */
export async function openContainment(tx: Tx, opening: Opening): Promise<string> {
  const { agent, reason, alertId, tokensRevoked, epoch, actor, now } = opening;
  const containmentId = uuidv7(now.getTime());
  await tx.insert(containments).values({
    id: containmentId,
    agentId: agent.id,
    alertId,
    isolationEpoch: epoch,
    reason,
    requestedBy: actorRecord(actor).id,
    requestedAt: now,
  });
  await writeFirstSteps(tx, containmentId, opening);
  await appendRecord(tx, {
    kind: "agent.contained",
    actor,
    now,
    agent,
    details: {
      containmentId,
      reason,
      alertId,
      score: opening.score,
      contributions: opening.contributions,
      scoredBy: opening.scoredBy,
      tokensRevoked,
      below: opening.below,
      epoch,
    },
    subjects: [containmentId],
  });
  await notify(tx, "containment", agent.id);
  return containmentId;
}

async function writeFirstSteps(tx: Tx, containmentId: string, opening: Opening): Promise<void> {
  const { tokensRevoked, below, epoch } = opening;
  const family = below.length > 0 ? ` Stopped with it: ${below.join(", ")}.` : "";
  await writeStep(tx, {
    containmentId,
    step: "tokens",
    status: "done",
    detail: `${tokensRevoked === 1 ? "1 living token was" : `${tokensRevoked} living tokens were`} revoked.${family}`,
    startedAt: opening.tokensAt,
    finishedAt: opening.isolationAt,
  });
  await writeStep(tx, {
    containmentId,
    step: "isolation",
    status: "done",
    detail: `DENY_ALL is in force, epoch ${epoch}: every gateway refuses the agent from its next request on.`,
    startedAt: opening.isolationAt,
    finishedAt: opening.clock(),
  });
}

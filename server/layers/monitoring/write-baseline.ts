import { and, eq, isNull, max } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { baselines } from "../../../db/schema/index.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import type { Baseline } from "./engine/baseline.ts";

export type MadeVersion = { baselineId: string; version: number; windows: number };

/**
 * Writes a new version of an agent's baseline and retires the one before, in the caller's transaction, which has locked
 * the agent. Versions are never written over: a score's baseline can be read as it was.
 *
 * @param of.by of a proposal that two people agreed on; without one it is what a duty learnt.
 */
export async function writeBaseline(
  tx: Tx,
  of: {
    agentId: string;
    model: Baseline;
    retireReason: string;
    actor: Actor;
    now: Date;
    by?: { proposalId: string; origin: "relearnt" | "rollback"; restoredFrom?: string };
  },
): Promise<MadeVersion> {
  const { agentId, model, retireReason, actor, now, by } = of;
  const [latest] = await tx
    .select({ version: max(baselines.version) })
    .from(baselines)
    .where(eq(baselines.agentId, agentId));
  const made = {
    baselineId: uuidv7(now.getTime()),
    version: (latest?.version ?? 0) + 1,
    windows: model.windows,
  };
  await tx
    .update(baselines)
    .set({ retiredAt: now, retireReason })
    .where(and(eq(baselines.agentId, agentId), isNull(baselines.retiredAt)));
  await tx.insert(baselines).values({
    id: made.baselineId,
    agentId,
    version: made.version,
    model,
    windows: model.windows,
    learntFrom: new Date(model.fromMs),
    learntTo: new Date(model.toMs),
    createdAt: now,
    createdBy: actorRecord(actor).name,
    ...(by && { origin: by.origin, proposalId: by.proposalId }),
    ...(by?.restoredFrom && { restoredFrom: by.restoredFrom, pinnedAt: now }),
  });
  return made;
}

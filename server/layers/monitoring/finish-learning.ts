import type { Tx } from "../../../db/client.ts";
import { lockLine } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { applyLearning, requireFresh } from "./apply-learning.ts";
import { prepareIfEnough } from "./decide-learning.ts";
import { markDone, type ProposalRow, undoneProposals } from "./proposal-store.ts";

const UNDONE_MAX = 20;

/**
 * Does what two people decided and what had to wait: learning anew, once there are enough minutes and nothing freezes
 * the baseline. A duty's; done once, whoever comes second finds it done.
 *
 * @param fence called first in each transaction. @returns how many were done.
 * @throws ForbiddenError `not_permitted`.
 */
export async function finishLearning(ctx: VerbContext, fence: (tx: Tx) => Promise<void>): Promise<number> {
  requirePermission(ctx.actor, "learning.decide");
  let done = 0;
  for (const proposal of await undoneProposals(ctx.db, UNDONE_MAX)) {
    const prepared = await prepareIfEnough(ctx, proposal);
    if (prepared && (await finish(ctx, proposal, prepared, fence))) done += 1;
  }
  return done;
}

async function finish(
  { db, actor, now }: VerbContext,
  proposal: ProposalRow,
  prepared: NonNullable<Awaited<ReturnType<typeof prepareIfEnough>>>,
  fence: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  const { id, agentId } = proposal;
  try {
    return await db.transaction(async (tx) => {
      await fence(tx);
      const [agent] = await lockLine(tx, agentId, "update");
      await requireFresh(tx, agentId, prepared);
      const outcome = await applyLearning(tx, { proposal, prepared, actor, now });
      if (!agent || !outcome || !(await markDone(tx, id, { at: now, outcome })))
        throw new ConflictError("proposal_over", "It was done already.");
      await appendRecord(tx, {
        kind: "learning.done",
        ...{ actor, now, agent: { id: agentId, did: agent.did } },
        details: { proposal: id, what: proposal.kind, decidedBy: proposal.decidedBy, done: outcome },
        subjects: [`learning:${id}`],
      });
      await notify(tx, "score", agentId);
      return true;
    });
  } catch (error) {
    // Frozen, changed or done meanwhile: it waits for the next run.
    if (error instanceof ConflictError && error.code !== "lease_lost") return false;
    throw error;
  }
}

import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import type { Actor } from "../../kernel/actor.ts";
import { appendRecord } from "../audit/append.ts";
import { markExpired, overdueProposals } from "./proposal-store.ts";

export const PROPOSALS_BATCH_MAX = 100;
const ACTOR: Actor = { type: "system", id: "monitoring" };

/**
 * Writes down that nobody decided these proposals in time, in the caller's transaction. They could not be approved
 * any more from their stored end on, whether or not this has run.
 *
 * @param overdue `agentId` limits it to one agent's. @returns how many.
 */
export async function expireProposals(tx: Tx, overdue: { agentId?: string; now: Date }): Promise<number> {
  const { agentId, now } = overdue;
  const due = await overdueProposals(tx, now, PROPOSALS_BATCH_MAX, agentId);
  await markExpired(
    tx,
    due.map(({ row }) => row.id),
  );
  for (const { row, did } of due) {
    await appendRecord(tx, {
      kind: "learning.proposal_expired",
      ...{ actor: ACTOR, now, agent: { id: row.agentId, did } },
      details: { proposal: row.id, what: row.kind, openUntil: row.openUntil.toISOString() },
      subjects: [`learning:${row.id}`],
    });
    await notify(tx, "score", row.agentId);
  }
  return due.length;
}

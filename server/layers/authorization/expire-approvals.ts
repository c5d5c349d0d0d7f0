import { and, eq, inArray, lte } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { agents, approvals } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { appendRecord } from "../audit/append.ts";

/** How many requests one call ends; the duty calls again while there are more. */
export const EXPIRE_BATCH_MAX = 100;
const ACTOR: Actor = { type: "system", id: "approvals" };

/**
 * Ends pending requests that nobody decided in time, in the caller's transaction. Time alone never approves.
 *
 * @param overdue `agentId` limits it to one agent's requests.
 * @returns how many ended.
 */
export async function expireOverdueApprovals(
  tx: Tx,
  overdue: { agentId?: string; now: Date },
): Promise<number> {
  const { agentId, now } = overdue;
  const due = await tx
    .select({ id: approvals.id })
    .from(approvals)
    .where(
      and(
        eq(approvals.status, "pending"),
        lte(approvals.expiresAt, now),
        agentId ? eq(approvals.agentId, agentId) : undefined,
      ),
    )
    .orderBy(approvals.expiresAt)
    .limit(EXPIRE_BATCH_MAX)
    .for("update", { skipLocked: true });
  if (due.length === 0) return 0;
  const ids = due.map((row) => row.id);
  const ended = await tx
    .update(approvals)
    .set({ status: "expired", decidedAt: now, decisionReason: "Nobody decided in time." })
    .where(and(inArray(approvals.id, ids), eq(approvals.status, "pending")))
    .returning();
  const dids = new Map(
    (
      await tx
        .select({ id: agents.id, did: agents.did })
        .from(agents)
        .where(
          inArray(
            agents.id,
            ended.map((row) => row.agentId),
          ),
        )
    ).map((row) => [row.id, row.did]),
  );
  for (const row of ended) {
    await appendRecord(tx, {
      kind: "approval.expired",
      actor: ACTOR,
      now,
      agent: { id: row.agentId, did: dids.get(row.agentId) ?? "" },
      outcome: "deny",
      approvalId: row.id,
      policyVersion: row.policyVersion,
      details: { scope: row.scope, digest: row.digest, expiredAt: row.expiresAt.toISOString() },
    });
    await notify(tx, "approval", row.id);
  }
  return ended.length;
}

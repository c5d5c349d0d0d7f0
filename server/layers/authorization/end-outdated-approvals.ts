import { and, asc, eq, inArray, lt, max } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { agents, approvals, scopePolicies } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { appendRecord } from "../audit/append.ts";

/** How many requests one call ends; the duty calls again while there are more. */
export const OUTDATED_BATCH_MAX = 100;
const ACTOR: Actor = { type: "system", id: "approvals" };

/**
 * Ends requests that were made under an earlier version of the policy, in the caller's transaction: no vote on
 * them counts any more, so that nobody should be asked for one. One that somebody votes on at this moment is left
 * to the next call.
 *
 * @returns how many ended.
 */
export async function endOutdatedApprovals(tx: Tx, now: Date): Promise<number> {
  const [newest] = await tx.select({ version: max(scopePolicies.version) }).from(scopePolicies);
  const version = newest?.version ?? 0;
  const outdated = await tx
    .select({ approval: approvals, did: agents.did })
    .from(approvals)
    .innerJoin(agents, eq(agents.id, approvals.agentId))
    .where(and(eq(approvals.status, "pending"), lt(approvals.policyVersion, version)))
    .orderBy(asc(approvals.expiresAt))
    .limit(OUTDATED_BATCH_MAX)
    .for("update", { of: approvals, skipLocked: true });
  if (outdated.length === 0) return 0;
  const ids = outdated.map(({ approval }) => approval.id);
  await tx
    .update(approvals)
    .set({
      status: "expired",
      decidedAt: now,
      decisionReason: `The policy changed to version ${version} before anybody decided. Ask again: the new version says who decides.`,
    })
    .where(and(inArray(approvals.id, ids), eq(approvals.status, "pending")));
  for (const { approval, did } of outdated) {
    await appendRecord(tx, {
      kind: "approval.expired",
      actor: ACTOR,
      now,
      agent: { id: approval.agentId, did },
      outcome: "deny",
      approvalId: approval.id,
      policyVersion: approval.policyVersion,
      details: { scope: approval.scope, digest: approval.digest, policyChangedTo: version },
    });
    await notify(tx, "approval", approval.id);
  }
  return outdated.length;
}

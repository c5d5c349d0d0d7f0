import { and, eq, isNull, lte } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { breakGlassUses } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { appendRecord } from "../audit/append.ts";
import { type AgentRow, lockAgent } from "./store.ts";
import type { BreakGlassRow } from "./store-break-glass.ts";

/**
 * Notes once and for good that nobody reviewed a use of break-glass by the instant that was stored with it, in the
 * caller's transaction.
 *
 * @returns null where it was reviewed meanwhile, is not due, or was noted before.
 */
export async function noteOverdueReview(
  tx: Tx,
  { id, actor, now }: { id: string; actor: Actor; now: Date },
): Promise<{ use: BreakGlassRow; agent: AgentRow } | null> {
  const [use] = await tx
    .update(breakGlassUses)
    .set({ overdueNotedAt: now })
    .where(
      and(
        eq(breakGlassUses.id, id),
        isNull(breakGlassUses.overdueNotedAt),
        isNull(breakGlassUses.reviewedAt),
        lte(breakGlassUses.reviewDueAt, now),
      ),
    )
    .returning();
  if (!use) return null;
  const agent = await lockAgent(tx, use.agentId, "share");
  await appendRecord(tx, {
    kind: "break_glass.review_overdue",
    ...{ actor, now, agent: { id: agent.id, did: agent.did }, policyVersion: use.policyVersion },
    subjects: [use.id],
    details: {
      ...{ breakGlassId: use.id, scope: use.scope, usedBy: use.userId },
      reviewDueAt: use.reviewDueAt.toISOString(),
    },
  });
  return { use, agent };
}

import { and, eq, inArray, isNull, lte, or } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { agents, trustOverrides } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { appendRecord } from "../audit/append.ts";

export const OVERRIDES_BATCH_MAX = 100;
const ACTOR: Actor = { type: "system", id: "trust" };

/**
 * Writes down that overrides are over, in the caller's transaction: requests that nobody decided in time, and approved
 * ones whose time has passed. Those count nothing from their stored end on, whether or not this has run.
 *
 * @param overdue `agentId` limits it to one agent's.
 * @returns how many.
 */
export async function expireTrustOverrides(
  tx: Tx,
  overdue: { agentId?: string; now: Date },
): Promise<number> {
  const { agentId, now } = overdue;
  const { status, openUntil, endsAt, endedBy } = trustOverrides;
  const due = await tx
    .select({ row: trustOverrides, did: agents.did })
    .from(trustOverrides)
    .innerJoin(agents, eq(agents.id, trustOverrides.agentId))
    .where(
      and(
        or(
          and(eq(status, "pending"), lte(openUntil, now)),
          and(eq(status, "approved"), isNull(endedBy), lte(endsAt, now)),
        ),
        agentId ? eq(trustOverrides.agentId, agentId) : undefined,
      ),
    )
    .orderBy(trustOverrides.id)
    .limit(OVERRIDES_BATCH_MAX)
    .for("update", { of: trustOverrides, skipLocked: true });
  const idsOf = (one: string) => due.filter(({ row }) => row.status === one).map(({ row }) => row.id);
  await mark(tx, idsOf("pending"), { status: "expired", endedBy: ACTOR.id });
  await mark(tx, idsOf("approved"), { endedBy: ACTOR.id });
  for (const { row, did } of due) {
    await appendRecord(tx, {
      kind: row.status === "pending" ? "trust.override_expired" : "trust.override_ended",
      actor: ACTOR,
      now,
      agent: { id: row.agentId, did },
      details: { override: row.id, score: row.score, endedAt: (row.endsAt ?? row.openUntil).toISOString() },
    });
    await notify(tx, "trust", row.agentId);
  }
  return due.length;
}

async function mark(
  tx: Tx,
  ids: readonly string[],
  as: Partial<typeof trustOverrides.$inferInsert>,
): Promise<void> {
  if (ids.length > 0)
    await tx
      .update(trustOverrides)
      .set(as)
      .where(inArray(trustOverrides.id, [...ids]));
}

import { and, desc, eq, inArray, isNull, lte, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agents, baselines, learningProposals } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { termsDigest } from "./engine/decide-second.ts";
import { PROPOSALS_SHOWN_MAX } from "./learning-schema.ts";

type Source = Database | Tx;
export type ProposalRow = typeof learningProposals.$inferSelect;

/** What a decision on a proposal is bound to. */
export function proposalDigest(
  row: Pick<ProposalRow, "agentId" | "kind" | "fromAt" | "toAt" | "baselineId">,
): string {
  const { agentId, kind, fromAt, toAt, baselineId } = row;
  return termsDigest("learning", {
    ...{ agentId, kind, baselineId },
    from: fromAt?.toISOString() ?? null,
    to: toAt?.toISOString() ?? null,
  });
}

/** @throws NotFoundError `proposal_unknown`. */
export async function proposalById(db: Source, id: string, lock = false): Promise<ProposalRow> {
  const query = db.select().from(learningProposals).where(eq(learningProposals.id, id));
  const [row] = await (lock ? query.for("update") : query);
  if (!row) throw new NotFoundError("proposal_unknown", "There is no such proposal.", { proposal: id });
  return row;
}

export async function proposalsOf(db: Source, agentId: string): Promise<ProposalRow[]> {
  return db
    .select()
    .from(learningProposals)
    .where(eq(learningProposals.agentId, agentId))
    .orderBy(desc(learningProposals.proposedAt), desc(learningProposals.id))
    .limit(PROPOSALS_SHOWN_MAX);
}

/** Moves a pending proposal on, once. @returns whether it was pending still. */
export async function leavePending(tx: Tx, id: string, to: Partial<ProposalRow>): Promise<boolean> {
  const moved = await tx
    .update(learningProposals)
    .set(to)
    .where(and(eq(learningProposals.id, id), eq(learningProposals.status, "pending")))
    .returning({ id: learningProposals.id });
  return moved.length === 1;
}

/** Writes that an approved proposal was done. @returns whether it was not before. */
export async function markDone(
  tx: Tx,
  id: string,
  done: { at: Date; outcome: Record<string, unknown> },
): Promise<boolean> {
  const moved = await tx
    .update(learningProposals)
    .set({ doneAt: done.at, outcome: done.outcome })
    .where(
      and(
        eq(learningProposals.id, id),
        eq(learningProposals.status, "approved"),
        isNull(learningProposals.doneAt),
      ),
    )
    .returning({ id: learningProposals.id });
  return moved.length === 1;
}

/** Approved proposals that wait to be done, the longest waiting first. */
export async function undoneProposals(db: Source, limit: number): Promise<ProposalRow[]> {
  return db
    .select()
    .from(learningProposals)
    .where(and(eq(learningProposals.status, "approved"), isNull(learningProposals.doneAt)))
    .orderBy(learningProposals.decidedAt)
    .limit(limit);
}

/** Proposals whose time to be decided is over, locked; those that somebody else holds are left out. */
export async function overdueProposals(tx: Tx, now: Date, limit: number, agentId?: string) {
  return tx
    .select({ row: learningProposals, did: agents.did })
    .from(learningProposals)
    .innerJoin(agents, eq(agents.id, learningProposals.agentId))
    .where(
      and(
        eq(learningProposals.status, "pending"),
        lte(learningProposals.openUntil, now),
        agentId ? eq(learningProposals.agentId, agentId) : undefined,
      ),
    )
    .orderBy(learningProposals.id)
    .limit(limit)
    .for("update", { of: learningProposals, skipLocked: true });
}

export async function markExpired(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await tx
      .update(learningProposals)
      .set({ status: "expired" })
      .where(inArray(learningProposals.id, [...ids]));
}

/** Since when alone an agent is learnt from, as two people decided (a deploy); null where nothing bounds it. */
export async function learningFloor(db: Source, agentId: string): Promise<Date | null> {
  const [row] = await db
    .select({ at: sql<string | null>`max(${learningProposals.fromAt})` })
    .from(learningProposals)
    .where(
      and(
        eq(learningProposals.agentId, agentId),
        eq(learningProposals.kind, "relearn"),
        eq(learningProposals.status, "approved"),
      ),
    );
  return row?.at ? new Date(row.at) : null;
}

/**
 * What bears on what an agent is learnt from, in one text: whoever learns compares it before and after reading the
 * minutes, so that nothing that was decided meanwhile is learnt past.
 */
export async function learningMark(db: Source, agentId: string): Promise<string> {
  const { rows } = await db.execute<{ mark: string }>(sql`
    select concat_ws('/',
      (select count(*) from learning_proposals where agent_id = ${agentId} and status = 'approved'),
      (select count(*) from alerts where agent_id = ${agentId} and status = 'closed' and kind = 'behaviour'),
      (select id from baselines where agent_id = ${agentId} and retired_at is null)) as mark`);
  return rows[0]?.mark ?? "";
}

export type VersionRow = typeof baselines.$inferSelect;

/** @throws NotFoundError `baseline_unknown`. */
export async function baselineVersion(
  db: Source,
  agentId: string,
  by: { version: number } | { id: string },
): Promise<VersionRow> {
  const which = "id" in by ? eq(baselines.id, by.id) : eq(baselines.version, by.version);
  const [row] = await db
    .select()
    .from(baselines)
    .where(and(eq(baselines.agentId, agentId), which));
  if (!row) throw new NotFoundError("baseline_unknown", "This agent has no such version.", { ...by });
  return row;
}

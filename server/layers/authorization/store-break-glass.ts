import { and, asc, count, desc, eq, gt, isNull, lte, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agents, breakGlassUses, grants } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import type { AgentRow, GrantRow } from "./store.ts";

export type BreakGlassRow = typeof breakGlassUses.$inferSelect;
export type BreakGlassWithGrant = { use: BreakGlassRow; agent: AgentRow; grant: GrantRow };

/** As it stands, locked until the transaction ends. @throws NotFoundError `break_glass_unknown`. */
export async function lockBreakGlass(tx: Tx, id: string): Promise<BreakGlassRow> {
  const [row] = await tx.select().from(breakGlassUses).where(eq(breakGlassUses.id, id)).for("update");
  if (!row)
    throw new NotFoundError("break_glass_unknown", "There is no such use of break-glass.", { use: id });
  return row;
}

/** Ids of those whose uses are past the instant by which somebody should have reviewed them, and are not. */
export async function usersOverdue(db: Database | Tx, now: Date): Promise<string[]> {
  const rows = await db
    .selectDistinct({ userId: breakGlassUses.userId })
    .from(breakGlassUses)
    .where(and(isNull(breakGlassUses.reviewedAt), lte(breakGlassUses.reviewDueAt, now)));
  return rows.map(({ userId }) => userId);
}

/** Whether a grant that somebody broke glass for lives for this agent and scope. */
export async function isBroken(tx: Tx, agentId: string, scope: string, now: Date): Promise<boolean> {
  const [row] = await tx
    .select({ id: grants.id })
    .from(grants)
    .where(
      and(
        eq(grants.agentId, agentId),
        eq(grants.scope, scope),
        sql`${grants.breakGlassId} is not null`,
        isNull(grants.revokedAt),
        gt(grants.expiresAt, now),
      ),
    )
    .limit(1);
  return row !== undefined;
}

/** Ids of those whose uses for this agent and scope wait for their review. */
export async function usersUnreviewed(tx: Tx, agentId: string, scope: string): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ userId: breakGlassUses.userId })
    .from(breakGlassUses)
    .where(
      and(
        eq(breakGlassUses.agentId, agentId),
        eq(breakGlassUses.scope, scope),
        isNull(breakGlassUses.reviewedAt),
      ),
    );
  return rows.map(({ userId }) => userId);
}

/** Uses that nobody reviewed in time and that nobody was told of, the longest overdue first. */
export async function overdueUntold(db: Database, now: Date, limit: number): Promise<BreakGlassRow[]> {
  return db
    .select()
    .from(breakGlassUses)
    .where(
      and(
        isNull(breakGlassUses.reviewedAt),
        isNull(breakGlassUses.overdueNotedAt),
        lte(breakGlassUses.reviewDueAt, now),
      ),
    )
    .orderBy(asc(breakGlassUses.reviewDueAt))
    .limit(limit);
}

/** Uses with their agents and grants, newest first, behind a cursor. */
export async function breakGlassRows(
  db: Database,
  wanted: { agentId: string | null; unreviewed: boolean; after: { usedAt: Date; id: string } | null },
  limit: number,
): Promise<BreakGlassWithGrant[]> {
  const { agentId, unreviewed, after } = wanted;
  return db
    .select({ use: breakGlassUses, agent: agents, grant: grants })
    .from(breakGlassUses)
    .innerJoin(agents, eq(agents.id, breakGlassUses.agentId))
    .innerJoin(grants, eq(grants.breakGlassId, breakGlassUses.id))
    .where(
      and(
        agentId ? eq(breakGlassUses.agentId, agentId) : undefined,
        unreviewed ? isNull(breakGlassUses.reviewedAt) : undefined,
        after
          ? sql`(${breakGlassUses.usedAt}, ${breakGlassUses.id}) < (${after.usedAt.toISOString()}::timestamptz, ${after.id}::uuid)`
          : undefined,
      ),
    )
    .orderBy(desc(breakGlassUses.usedAt), desc(breakGlassUses.id))
    .limit(limit);
}

export async function countUnreviewed(db: Database): Promise<number> {
  const [row] = await db
    .select({ unreviewed: count() })
    .from(breakGlassUses)
    .where(isNull(breakGlassUses.reviewedAt));
  return row?.unreviewed ?? 0;
}

import { and, count, desc, eq, gt, inArray, isNotNull, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { agents, approvals, breakGlassUses, grants } from "../../../db/schema/index.ts";
import type { LiveGrantView } from "./grants-schema.ts";

const grantRow = {
  grant: grants,
  agentName: agents.name,
  resource: approvals.resource,
  reason: sql<string | null>`coalesce(${approvals.reason}, ${breakGlassUses.reason})`,
};
export type LiveGrantRow = {
  grant: typeof grants.$inferSelect;
  agentName: string;
  resource: string | null;
  reason: string | null;
};

export type LiveGrantFilter = {
  agentId: string | null;
  /** Null for every scope. */
  scopes: readonly string[] | null;
  by?: LiveGrantView["by"] | undefined;
  /** Only grants that nobody used since; null for all. */
  unusedSince: Date | null;
};

/** Live grants of all agents that fit, newest first, behind a cursor. */
export async function liveGrantRows(
  db: Database,
  filter: LiveGrantFilter,
  page: { after: { grantedAt: Date; id: string } | null; limit: number; now: Date },
): Promise<LiveGrantRow[]> {
  const { after } = page;
  return db
    .select(grantRow)
    .from(grants)
    .innerJoin(agents, eq(agents.id, grants.agentId))
    .leftJoin(approvals, eq(approvals.id, grants.approvalId))
    .leftJoin(breakGlassUses, eq(breakGlassUses.id, grants.breakGlassId))
    .where(
      and(
        fits(filter, page.now),
        after
          ? sql`(${grants.grantedAt}, ${grants.id}) < (${after.grantedAt.toISOString()}::timestamptz, ${after.id}::uuid)`
          : undefined,
      ),
    )
    .orderBy(desc(grants.grantedAt), desc(grants.id))
    .limit(page.limit);
}

export async function countLiveGrants(db: Database, filter: LiveGrantFilter, now: Date): Promise<number> {
  const [row] = await db.select({ total: count() }).from(grants).where(fits(filter, now));
  return row?.total ?? 0;
}

function fits({ agentId, scopes, by, unusedSince }: LiveGrantFilter, now: Date): SQL | undefined {
  return and(
    isNull(grants.revokedAt),
    or(isNull(grants.expiresAt), gt(grants.expiresAt, now)),
    agentId ? eq(grants.agentId, agentId) : undefined,
    scopes ? inArray(grants.scope, [...scopes]) : undefined,
    by === "approval" ? isNotNull(grants.approvalId) : undefined,
    by === "break-glass" ? isNotNull(grants.breakGlassId) : undefined,
    by === "standing" ? and(isNull(grants.approvalId), isNull(grants.breakGlassId)) : undefined,
    unusedSince
      ? lte(sql`coalesce(${grants.lastUsedAt}, ${grants.grantedAt})`, unusedSince.toISOString())
      : undefined,
  );
}

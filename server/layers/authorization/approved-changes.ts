import { and, desc, eq, gt, lte } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { approvals, grants } from "../../../db/schema/index.ts";
import { isNothing, type Limits, readLimits } from "./engine/narrow-limits.ts";

/** A grant that an approval gave an agent for a time. */
export type ApprovedChange = {
  approvalId: string;
  grantId: string;
  scope: string;
  limits: Limits;
  from: Date;
  until: Date;
};

/** Over for so long, it is told of as over; longer, it is not consulted. */
const TOLD_MS = 60 * 60_000;
const CONSULTED_MAX = 10;

/**
 * Approved requests of exactly this agent whose grant lives now, or ended by time within the last hour; revoked ones
 * and those whose limits leave nothing are left out. A grant counts with the approval that names it, not with another's.
 */
export async function approvedChanges(db: Database, agentId: string, now: Date): Promise<ApprovedChange[]> {
  const rows = await db
    .select({ grant: grants })
    .from(grants)
    .innerJoin(
      approvals,
      and(
        eq(approvals.id, grants.approvalId),
        eq(approvals.grantId, grants.id),
        eq(approvals.agentId, grants.agentId),
        eq(approvals.scope, grants.scope),
        eq(approvals.status, "approved"),
      ),
    )
    .where(
      and(
        eq(grants.agentId, agentId),
        lte(grants.grantedAt, now),
        gt(grants.expiresAt, new Date(now.getTime() - TOLD_MS)),
      ),
    )
    .orderBy(desc(grants.expiresAt))
    .limit(CONSULTED_MAX);
  return rows.flatMap(({ grant }) => {
    const { id, approvalId, scope, limits, grantedAt, expiresAt, revokedAt } = grant;
    const read = readLimits(limits);
    if (revokedAt !== null || approvalId === null || expiresAt === null || isNothing(read)) return [];
    return [{ approvalId, grantId: id, scope, limits: read, from: grantedAt, until: expiresAt }];
  });
}

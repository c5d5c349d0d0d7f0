import { and, isNull, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { grants } from "../../../db/schema/index.ts";

/** Each agent's standing scopes, sorted: what it may always do. Agents without any are left out. */
export async function standingScopes(db: Database | Tx): Promise<Map<string, string[]>> {
  const rows = await db
    .select({
      agentId: grants.agentId,
      scopes: sql<string[]>`array_agg(distinct ${grants.scope} order by ${grants.scope})`,
    })
    .from(grants)
    .where(
      and(
        isNull(grants.revokedAt),
        isNull(grants.expiresAt),
        isNull(grants.approvalId),
        isNull(grants.breakGlassId),
      ),
    )
    .groupBy(grants.agentId);
  return new Map(rows.map(({ agentId, scopes }) => [agentId, scopes]));
}

import { and, asc, eq, gte } from "drizzle-orm";
import { trustScores } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { agentByReference } from "./store.ts";
import { type TrustHistoryInput, type TrustPoint, trustHistoryInput, trustPoint } from "./trust-schema.ts";

const DAY_MS = 86_400_000;

/**
 * How trust in an agent went, as it was computed, oldest first: all of the last day, then hourly for a week, then daily.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function readTrustHistory(ctx: VerbContext, input: TrustHistoryInput): Promise<TrustPoint[]> {
  requirePermission(ctx.actor, "agents.read");
  const { name: reference, days } = trustHistoryInput.parse(input);
  const { id } = await agentByReference(ctx.db, reference);
  const since = new Date(ctx.now.getTime() - days * DAY_MS);
  const rows = await ctx.db
    .select()
    .from(trustScores)
    .where(and(eq(trustScores.agentId, id), gte(trustScores.at, since)))
    .orderBy(asc(trustScores.at));
  return rows.map((row) => trustPoint.parse({ ...row, score: Number(row.score) }));
}

import { and, asc, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { accessTokens } from "../../../db/schema/index.ts";
import type { AccessTokenRow } from "./store.ts";

/**
 * Kills tokens that are still alive, in the caller's transaction. `where` says which; those of a grant include
 * the ones of children that rest on it. They are locked in one order, so that two who kill the same ones wait
 * for each other and do not deadlock.
 */
export async function killTokens(
  tx: Tx,
  where: { agentIds: readonly string[] } | { grantId: string; agentId: string } | { jti: string },
  kill: { reason: string; now: Date },
): Promise<AccessTokenRow[]> {
  const which =
    "agentIds" in where
      ? inArray(accessTokens.agentId, [...where.agentIds])
      : "grantId" in where
        ? sql`((${accessTokens.agentId} = ${where.agentId} and ${accessTokens.grantIds} @> array[${where.grantId}]::uuid[])
            or (${accessTokens.restsOn} <> '{}' and ${accessTokens.restsOn} @> array[${where.grantId}]::uuid[]))`
        : eq(accessTokens.jti, where.jti);
  const doomed = await tx
    .select({ jti: accessTokens.jti })
    .from(accessTokens)
    .where(and(which, isNull(accessTokens.revokedAt), gt(accessTokens.expiresAt, kill.now)))
    .orderBy(asc(accessTokens.jti))
    .for("update");
  if (doomed.length === 0) return [];
  return tx
    .update(accessTokens)
    .set({ revokedAt: kill.now, revokeReason: kill.reason })
    .where(
      inArray(
        accessTokens.jti,
        doomed.map(({ jti }) => jti),
      ),
    )
    .returning();
}

/** The grants that tokens carry, each once, for the record of what became of them; undefined where there are none. */
export function grantsOf(tokens: readonly Pick<AccessTokenRow, "grantIds">[]): string[] | undefined {
  const ids = [...new Set(tokens.flatMap(({ grantIds }) => grantIds))];
  return ids.length > 0 ? ids : undefined;
}

import { and, asc, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { accessTokens, grants } from "../../../db/schema/index.ts";

/**
 * Ends every live grant of these scopes and kills the tokens that carry one, in the caller's transaction. The
 * caller holds the policy's lock, so that no token is given meanwhile.
 *
 * @returns ids of the grants, and how many tokens died.
 */
export async function endGrantsOfScopes(
  tx: Tx,
  scopes: readonly string[],
  end: { reason: string; now: Date },
): Promise<{ grantIds: string[]; tokens: number }> {
  if (scopes.length === 0) return { grantIds: [], tokens: 0 };
  const { reason, now } = end;
  const over = { revokedAt: now, revokeReason: reason };
  // By id, as whoever notes the use of grants locks them too.
  const live = tx
    .select({ id: grants.id })
    .from(grants)
    .where(
      and(
        inArray(grants.scope, [...scopes]),
        isNull(grants.revokedAt),
        or(isNull(grants.expiresAt), gt(grants.expiresAt, now)),
      ),
    )
    .orderBy(asc(grants.id))
    .for("update");
  const ended = await tx
    .update(grants)
    .set(over)
    .where(inArray(grants.id, live))
    .returning({ id: grants.id });
  const doomed = tx
    .select({ jti: accessTokens.jti })
    .from(accessTokens)
    .where(
      and(
        sql`${accessTokens.scopes} && ${sql.param([...scopes])}::text[]`,
        isNull(accessTokens.revokedAt),
        gt(accessTokens.expiresAt, now),
      ),
    )
    .orderBy(asc(accessTokens.jti))
    .for("update");
  const killed = await tx
    .update(accessTokens)
    .set(over)
    .where(inArray(accessTokens.jti, doomed))
    .returning({ jti: accessTokens.jti });
  await notify(tx, "grant");
  await notify(tx, "token");
  return { grantIds: ended.map(({ id }) => id), tokens: killed.length };
}

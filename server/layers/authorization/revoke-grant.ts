import { and, eq, gt, isNull, or } from "drizzle-orm";
import { notify } from "../../../db/listen.ts";
import { grants } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, NotFoundError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { type RevokeGrantInput, revokeGrantInput } from "./schema.ts";
import { killTokens, lockAgent } from "./store.ts";

/**
 * Takes a grant back before its time, together with every living token that carries it.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `grant_unknown`.
 * @throws ConflictError `grant_over` where it is revoked or has ended.
 */
export async function revokeGrant(
  ctx: VerbContext,
  input: RevokeGrantInput,
): Promise<{ tokensRevoked: number }> {
  requirePermission(ctx.actor, "grants.revoke");
  const { grantId, reason } = revokeGrantInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const [grant] = await tx.select().from(grants).where(eq(grants.id, grantId));
    if (!grant) throw new NotFoundError("grant_unknown", "There is no such grant.", { grant: grantId });
    const agent = await lockAgent(tx, grant.agentId, "update");
    const revoked = await tx
      .update(grants)
      .set({ revokedAt: now, revokeReason: reason })
      .where(
        and(
          eq(grants.id, grantId),
          isNull(grants.revokedAt),
          or(isNull(grants.expiresAt), gt(grants.expiresAt, now)),
        ),
      )
      .returning({ id: grants.id });
    if (revoked.length === 0)
      throw new ConflictError("grant_over", "The grant was revoked already, or its time has ended.", {
        grant: grantId,
      });
    const killed = await killTokens(tx, { grantId }, { reason: `grant revoked: ${reason}`, now });
    await appendRecord(tx, {
      kind: "grant.revoked",
      actor,
      now,
      agent: { id: agent.id, did: agent.did },
      grantIds: [grantId],
      approvalId: grant.approvalId ?? undefined,
      policyVersion: grant.policyVersion,
      details: { scope: grant.scope, reason, tokens: killed.map((token) => token.jti) },
    });
    await notify(tx, "grant", agent.id);
    await notify(tx, "token", agent.id);
    return { tokensRevoked: killed.length };
  });
}

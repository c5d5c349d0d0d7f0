import { and, eq, gt, isNull, or } from "drizzle-orm";
import { claimTurn } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { grants } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, NotFoundError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { grantsOf, killTokens } from "./kill-tokens.ts";
import { type RevokeGrantInput, revokeGrantInput } from "./schema.ts";
import { agentsByIds, lockAgent } from "./store.ts";

/**
 * Takes a grant back before its time, together with every living token that carries it and every one of a
 * child that rests on it. The children's own grants stay: they cover nothing until their parent's do again.
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
    await claimTurn(tx, grant.agentId);
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
    const dead = { reason: `grant revoked: ${reason}`, now };
    const killed = await killTokens(tx, { grantId, agentId: agent.id }, dead);
    const own = killed.filter((token) => token.agentId === agent.id);
    const below = killed.filter((token) => token.agentId !== agent.id);
    const children = await agentsByIds(tx, [...new Set(below.map((token) => token.agentId))]);
    await appendRecord(tx, {
      kind: "grant.revoked",
      actor,
      now,
      agent: { id: agent.id, did: agent.did },
      grantIds: [grantId],
      approvalId: grant.approvalId ?? undefined,
      policyVersion: grant.policyVersion,
      details: {
        ...{ scope: grant.scope, reason, tokens: own.map((token) => token.jti) },
        ...(children.length > 0 ? { below: children.map((child) => child.name) } : {}),
      },
    });
    for (const child of children) {
      const theirs = below.filter((token) => token.agentId === child.id);
      await appendRecord(tx, {
        kind: "token.revoked",
        actor,
        now,
        agent: { id: child.id, did: child.did },
        grantIds: [...(grantsOf(theirs) ?? []), grantId],
        details: {
          reason: `${agent.name}, above it, lost ${grant.scope}: ${reason}`,
          tokens: theirs.map((token) => token.jti),
          restedOn: grantId,
        },
      });
      await notify(tx, "token", child.id);
    }
    await notify(tx, "grant", agent.id);
    await notify(tx, "token", agent.id);
    return { tokensRevoked: killed.length };
  });
}

import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { type TaintAuthorityInput, taintAuthorityInput } from "./authority-schema.ts";
import { stepAuthority } from "./step-authority.ts";

/**
 * Says that a superseded authority is not to be relied on: its certificates still count, and every agent that holds
 * one is asked, at its next contact, to renew it now.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `authority_unknown`.
 * @throws ConflictError `authority_step_refused`.
 */
export async function taintAuthority(
  ctx: VerbContext,
  input: TaintAuthorityInput,
): Promise<{ status: "tainted" }> {
  requirePermission(ctx.actor, "authorities.manage");
  const { authorityId, reason } = taintAuthorityInput.parse(input);
  const { actor, now } = ctx;
  await ctx.db.transaction((tx) =>
    stepAuthority(tx, {
      ...{ authorityId, actor, now, reason },
      ...{ step: "taint", to: "tainted", set: { taintedAt: now, reason } },
    }),
  );
  return { status: "tainted" };
}

import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { type RevokeAuthorityInput, revokeAuthorityInput } from "./authority-schema.ts";
import { revokeCredentialsOf } from "./authority-store.ts";
import { stepAuthority } from "./step-authority.ts";

/** More agents than this are announced together. */
const NOTICES_MAX = 50;

/**
 * Ends the trust in a tainted authority: its certificates are revoked, their connections cut, and the root's next
 * revocation list names it. Whoever still depends on it is cut off, so the person says how many that may be; where
 * that is no longer the number, nothing happens.
 *
 * @returns how many agents lost a certificate.
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `authority_unknown`.
 * @throws ConflictError `authority_step_refused`.
 */
export async function revokeAuthority(
  ctx: VerbContext,
  input: RevokeAuthorityInput,
): Promise<{ agents: number }> {
  requirePermission(ctx.actor, "authorities.manage");
  const { authorityId, reason, acceptedBreaks } = revokeAuthorityInput.parse(input);
  const { actor, now } = ctx;
  let agents: string[] = [];
  await ctx.db.transaction((tx) =>
    stepAuthority(tx, {
      ...{ authorityId, actor, now, reason, acceptedBreaks },
      ...{ step: "revoke", to: "revoked", set: { revokedAt: now, reason } },
      also: async () => {
        agents = await revokeCredentialsOf(tx, authorityId, now);
        for (const key of agents.length > NOTICES_MAX ? [""] : agents) await notify(tx, "certificate", key);
        return { agents: agents.length, acceptedBreaks };
      },
    }),
  );
  return { agents: agents.length };
}

import { and, eq, ne } from "drizzle-orm";
import { authorities } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { type ActivateAuthorityInput, activateAuthorityInput } from "./authority-schema.ts";
import { stepAuthority } from "./step-authority.ts";

/**
 * Lets a prepared authority sign from now on. The one before it is superseded: what it signed counts until it is
 * renewed or ends. Refused while a live gateway does not trust the new one, so no agent is turned away.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `authority_unknown`.
 * @throws ConflictError `authority_step_refused`.
 */
export async function activateAuthority(
  ctx: VerbContext,
  input: ActivateAuthorityInput,
): Promise<{ superseded: string | null }> {
  requirePermission(ctx.actor, "authorities.manage");
  const { authorityId } = activateAuthorityInput.parse(input);
  const { actor, now } = ctx;
  let superseded: string | null = null;
  await ctx.db.transaction((tx) =>
    stepAuthority(tx, {
      ...{ authorityId, actor, now, step: "activate", to: "active", set: { activatedAt: now } },
      also: async (_tx, { purpose }) => {
        const [before] = await tx
          .update(authorities)
          .set({ status: "superseded", supersededAt: now })
          .where(
            and(
              eq(authorities.purpose, purpose),
              eq(authorities.status, "active"),
              ne(authorities.id, authorityId),
            ),
          )
          .returning({ id: authorities.id });
        superseded = before?.id ?? null;
        return { superseded };
      },
    }),
  );
  return { superseded };
}

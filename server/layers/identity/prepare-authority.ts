import { isUniqueViolation } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { authorityRequests } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { type PrepareAuthorityInput, prepareAuthorityInput } from "./authority-schema.ts";
import { authoritiesFor } from "./store.ts";

/**
 * Asks for a new issuing authority of a purpose. Whoever holds the root's key makes its key and certifies it; then it
 * is trusted, and signs nothing until it is activated.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `authority_in_preparation`.
 */
export async function prepareAuthority(
  ctx: VerbContext,
  input: PrepareAuthorityInput,
): Promise<{ requestId: string }> {
  requirePermission(ctx.actor, "authorities.manage");
  const { purpose, reason } = prepareAuthorityInput.parse(input);
  const requestId = uuidv7(ctx.now.getTime());
  try {
    await ctx.db.transaction(async (tx) => {
      if ((await authoritiesFor(tx, purpose, ["prepared"])).length > 0) throw inPreparation(purpose);
      await tx.insert(authorityRequests).values({
        ...{ id: requestId, purpose, reason },
        requestedBy: ctx.actor.id,
        requestedAt: ctx.now,
      });
      await appendRecord(tx, {
        kind: "authority.requested",
        actor: ctx.actor,
        now: ctx.now,
        details: { purpose, reason, requestId },
      });
      await notify(tx, "certificate", "authority");
    });
  } catch (error) {
    if (isUniqueViolation(error, "authority_requests_one_open")) throw inPreparation(purpose);
    throw error;
  }
  return { requestId };
}

function inPreparation(purpose: string): ConflictError {
  return new ConflictError(
    "authority_in_preparation",
    `A new ${purpose} authority is being prepared already. Activate or revoke that one first.`,
    { purpose },
  );
}

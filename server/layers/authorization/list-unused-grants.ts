import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { ListLiveGrantsInput, LiveGrantPage } from "./grants-schema.ts";
import { loadLiveGrants } from "./load-live-grants.ts";

/**
 * Live grants under which nothing was admitted for 30 days, standing ones as well: proposed for removal, by
 * `revokeGrant`. One that was never used counts from when it was given.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws InvalidInputError `cursor_invalid`.
 */
export async function listUnusedGrants(ctx: VerbContext, input: ListLiveGrantsInput): Promise<LiveGrantPage> {
  requirePermission(ctx.actor, "approvals.read");
  return loadLiveGrants(ctx, input, { unused: true });
}

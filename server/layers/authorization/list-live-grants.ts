import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { ListLiveGrantsInput, LiveGrantPage } from "./grants-schema.ts";
import { loadLiveGrants } from "./load-live-grants.ts";

/**
 * What all agents may do now, newest first: who decided it, what for, and when it was last used.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws InvalidInputError `cursor_invalid`.
 */
export async function listLiveGrants(ctx: VerbContext, input: ListLiveGrantsInput): Promise<LiveGrantPage> {
  requirePermission(ctx.actor, "approvals.read");
  return loadLiveGrants(ctx, input, { unused: false });
}

import { desc, eq } from "drizzle-orm";
import { grants } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentPolicy } from "./current-policy.ts";
import { grantViews } from "./grant-views.ts";
import { type GrantView, type ListGrantsInput, listGrantsInput } from "./schema.ts";
import { agentByReference, liveGrants } from "./store.ts";

/** An agent's newest grants that are over or revoked, beside all that live. */
export const GRANTS_SHOWN_MAX = 200;

/**
 * What an agent may have: live grants, or with `show: all` the newest 200 whatever became of them.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function listGrants(ctx: VerbContext, input: ListGrantsInput): Promise<GrantView[]> {
  requirePermission(ctx.actor, "approvals.read");
  const wanted = listGrantsInput.parse(input);
  const agent = await agentByReference(ctx.db, wanted.agent);
  const policy = await currentPolicy(ctx.db);
  const rows =
    wanted.show === "all"
      ? await ctx.db
          .select()
          .from(grants)
          .where(eq(grants.agentId, agent.id))
          .orderBy(desc(grants.grantedAt), desc(grants.id))
          .limit(GRANTS_SHOWN_MAX)
      : await liveGrants(ctx.db, [agent.id], ctx.now);
  return grantViews(rows, agent.name, policy, ctx.now);
}

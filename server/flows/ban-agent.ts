import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { banAgent } from "../layers/identity/ban-agent.ts";
import type { BanAgentInput } from "../layers/identity/schema.ts";
import { stopFamily } from "./stop-family.ts";

/**
 * Bans an agent for good: its certificates and tokens die, and nobody below it may act again either.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws ConflictError `agent_banned` where it is banned already.
 */
export async function banAgentAndBelow(
  ctx: VerbContext,
  input: BanAgentInput,
): Promise<{ revoked: number; below: string[] }> {
  requirePermission(ctx.actor, "agents.register");
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const { agent, reason, revoked } = await banAgent(tx, { input, actor, now });
    const { below } = await stopFamily(tx, { agent, reason: `banned: ${reason}`, actor, now });
    return { revoked, below };
  });
}

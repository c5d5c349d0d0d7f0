import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { createAgent } from "./create-agent.ts";
import type { RegisterAgentInput } from "./schema.ts";

/**
 * Registers an agent: it has a name, a DID and an owner, and no credentials and no scopes yet.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `agent_name_taken`.
 * @throws InvalidInputError `owner_unknown`.
 */
export async function registerAgent(
  ctx: VerbContext,
  input: RegisterAgentInput,
): Promise<{ agentId: string; did: string }> {
  requirePermission(ctx.actor, "agents.register");
  return ctx.db.transaction((tx) => createAgent(tx, { input, actor: ctx.actor, now: ctx.now }));
}

import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { grantBaseScopes } from "../layers/authorization/grant-base-scopes.ts";
import { createAgent } from "../layers/identity/create-agent.ts";
import { settleShadowAgent } from "../layers/identity/settle-shadow-agent.ts";
import { type RegisterShadowAgentInput, registerShadowAgentInput } from "../layers/identity/shadow-schema.ts";
import { recordRefusedParent } from "./record-refused-parent.ts";

/**
 * Registers an unknown identity as an agent of the bank, with its standing scopes, and links the finding to it, in one
 * transaction. What it showed proves nothing later either: the agent enrols with a join token like any other.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `shadow_agent_unknown`.
 * @throws ConflictError `shadow_agent_changed`, `agent_name_taken`. @throws InvalidInputError as a registration.
 */
export async function registerShadowAgent(
  ctx: VerbContext,
  input: RegisterShadowAgentInput,
): Promise<{ agentId: string; did: string }> {
  requirePermission(ctx.actor, "agents.register");
  const { actor, now } = ctx;
  const { agent, ...finding } = registerShadowAgentInput.parse(input);
  const { scopes, ...registration } = agent;
  return recordRefusedParent(ctx, registration.name, () =>
    ctx.db.transaction(async (tx) => {
      const made = await createAgent(tx, { input: registration, actor, now });
      if (scopes.length > 0) await grantBaseScopes(tx, { agentId: made.agentId, scopes, actor, now });
      const linked = { id: made.agentId, name: registration.name, did: made.did };
      await settleShadowAgent(tx, { ...finding, to: "registered", agent: linked, actor, now });
      return made;
    }),
  );
}

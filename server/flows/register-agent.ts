import type { Tx } from "../../db/client.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { grantBaseScopes } from "../layers/authorization/grant-base-scopes.ts";
import { createAgent } from "../layers/identity/create-agent.ts";
import type { RegisteredFacts } from "../layers/identity/facts-schema.ts";
import type { RegisterAgentInput } from "../layers/identity/schema.ts";
import { recordRefusedParent } from "./record-refused-parent.ts";

/**
 * Registers an agent together with its standing scopes and what is claimed of it, in one transaction.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `agent_name_taken`.
 * @throws InvalidInputError `owner_unknown`, or `scope_needs_approval` for a scope that is never standing.
 * @throws ConflictError `parent_refused`, recorded; `not_covered_by_parent` for a scope its parent does not hold.
 */
export async function registerAgentWithScopes(
  ctx: VerbContext,
  input: RegisterAgentInput & { scopes: string[]; facts?: RegisteredFacts },
): Promise<{ agentId: string; did: string }> {
  requirePermission(ctx.actor, "agents.register");
  return recordRefusedParent(ctx, input.name, () => ctx.db.transaction((tx) => create(tx, ctx, input)));
}

async function create(
  tx: Tx,
  ctx: VerbContext,
  input: RegisterAgentInput & { scopes: string[]; facts?: RegisteredFacts },
): Promise<{ agentId: string; did: string }> {
  const { scopes, facts, ...agent } = input;
  const made = await createAgent(tx, { input: agent, facts, actor: ctx.actor, now: ctx.now });
  if (scopes.length > 0)
    await grantBaseScopes(tx, { agentId: made.agentId, scopes, actor: ctx.actor, now: ctx.now });
  return made;
}

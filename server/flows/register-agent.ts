import type { Tx } from "../../db/client.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { grantBaseScopes } from "../layers/authorization/grant-base-scopes.ts";
import { RefusedParentError } from "../layers/identity/admit-parent.ts";
import { createAgent } from "../layers/identity/create-agent.ts";
import type { RegisteredFacts } from "../layers/identity/facts-schema.ts";
import type { RegisterAgentInput } from "../layers/identity/schema.ts";

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
  const register = (tx: Tx) => create(tx, ctx, input);
  try {
    return await ctx.db.transaction(register);
  } catch (error) {
    if (error instanceof RefusedParentError) await recordRefusal(ctx, input.name, error);
    throw error;
  }
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

/** That somebody tried to give this parent another child, and why not: it stands in the parent's trail. */
async function recordRefusal(ctx: VerbContext, name: string, error: RefusedParentError): Promise<void> {
  await ctx.db.transaction((tx) =>
    appendRecord(tx, {
      kind: "agent.registration-refused",
      actor: ctx.actor,
      now: ctx.now,
      agent: error.parent,
      outcome: "deny",
      checks: error.checks,
      details: { child: name },
    }),
  );
}

import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { changeAgentStatus } from "./change-agent-status.ts";
import { type AgentStatus, type SetAgentStandingInput, setAgentStandingInput } from "./schema.ts";
import { agentById, agentByName } from "./store.ts";

/**
 * Suspends an agent, lets a suspended one act again, or retires one for good. A contained agent is left
 * alone: its release takes a second person.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws ConflictError `agent_contained`, or `illegal_transition` where the lifecycle does not allow it.
 */
export async function setAgentStanding(
  ctx: VerbContext,
  input: SetAgentStandingInput,
): Promise<{ status: AgentStatus }> {
  requirePermission(ctx.actor, "agents.register");
  const { name, to, reason } = setAgentStandingInput.parse(input);
  return ctx.db.transaction(async (tx) => {
    const { id: agentId } = await agentByName(tx, name);
    const agent = await agentById(tx, agentId, true);
    if (agent.status === "contained")
      throw new ConflictError(
        "agent_contained",
        `${name} is contained. It is released by a second person, from its containment.`,
        { agent: name },
      );
    await changeAgentStatus(tx, { agentId, to, actor: ctx.actor, now: ctx.now, reason });
    return { status: to };
  });
}

import { agentsBelow } from "../../db/family.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import type { AgentStatus, SetAgentStandingInput } from "../layers/identity/schema.ts";
import { setAgentStanding } from "../layers/identity/set-agent-standing.ts";
import { stopFamily } from "./stop-family.ts";
import { tellFamily } from "./tell-family.ts";

/**
 * Suspends, resumes or retires an agent, and with it what stands below: a suspended agent's children may do
 * nothing until it is resumed, and the tokens that died stay dead; a retired one's retire with it.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws ConflictError `agent_contained`, `retires_others`, or `illegal_transition`.
 */
export async function setStandingAndBelow(
  ctx: VerbContext,
  input: SetAgentStandingInput,
): Promise<{ status: AgentStatus; below: string[] }> {
  requirePermission(ctx.actor, "agents.register");
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const { agent, status, reason } = await setAgentStanding(tx, { input, actor, now });
    const change = { agent, reason: `${status}: ${reason}`, actor, now };
    if (status !== "active") return { status, below: (await stopFamily(tx, change)).below };
    const below = (await agentsBelow(tx, agent.id)).filter((it) => it.status !== "retired");
    await tellFamily(tx, { ...change, kind: "agent.parent-resumed", below });
    return { status, below: below.map(({ name }) => name) };
  });
}

import type { Tx } from "../../../db/client.ts";
import { agentsBelow, claimTurn } from "../../../db/family.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { Actor } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { changeAgentStatus } from "./change-agent-status.ts";
import { type AgentStatus, type SetAgentStandingInput, setAgentStandingInput } from "./schema.ts";
import { type AgentRow, agentById, agentByName } from "./store.ts";

/**
 * Suspends an agent, lets a suspended one act again, or retires one for good, in the caller's transaction. With
 * an agent everybody below it retires, and the caller names them all: nobody retires an agent unseen. A
 * contained agent is left alone: its release takes a second person.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws ConflictError `agent_contained`; `retires_others` naming who stands below and was not named, or was
 * named and does not; `illegal_transition` where the lifecycle does not allow it.
 */
export async function setAgentStanding(
  tx: Tx,
  change: { input: SetAgentStandingInput; actor: Actor; now: Date },
): Promise<{ agent: AgentRow; status: AgentStatus; reason: string }> {
  const { actor, now } = change;
  requirePermission(actor, "agents.register");
  const { name, to, reason, alsoRetires } = setAgentStandingInput.parse(change.input);
  const { id: agentId } = await agentByName(tx, name);
  await claimTurn(tx, agentId);
  const agent = await agentById(tx, agentId, true);
  refuseContained(agent);
  await changeAgentStatus(tx, { agentId, to, actor, now, reason });
  if (to === "retired") await retireBelow(tx, agent, alsoRetires, { actor, now, reason });
  return { agent, status: to, reason };
}

/** The row of the agent is held, so nobody is registered below it meanwhile. */
async function retireBelow(
  tx: Tx,
  agent: AgentRow,
  named: readonly string[],
  change: { actor: Actor; now: Date; reason: string },
): Promise<void> {
  const below = (await agentsBelow(tx, agent.id)).filter((it) => it.status !== "retired");
  const names = below.map((it) => it.name);
  if (names.length !== new Set(named).size || !names.every((it) => named.includes(it)))
    throw new ConflictError(
      "retires_others",
      `With ${agent.name} retire all below it, for good: ${names.join(", ") || "nobody"}. Name exactly these.`,
      { agent: agent.name, below: names.join(",") },
    );
  for (const { id } of below) {
    const child = await agentById(tx, id, true);
    refuseContained(child);
    const reason = `${agent.name}, above it, was retired: ${change.reason}`;
    await changeAgentStatus(tx, { ...change, agentId: id, to: "retired", reason });
  }
}

function refuseContained({ name, status }: AgentRow): void {
  if (status === "contained")
    throw new ConflictError(
      "agent_contained",
      `${name} is contained. It is released by a second person, from its containment.`,
      { agent: name },
    );
}

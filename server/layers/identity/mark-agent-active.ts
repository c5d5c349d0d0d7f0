import type { Tx } from "../../../db/client.ts";
import type { Actor } from "../../kernel/actor.ts";
import { changeAgentStatus } from "./change-agent-status.ts";
import { agentById } from "./store.ts";

/**
 * An enrolled agent becomes active with its first authenticated action. Every other status stays as it is.
 *
 * @returns whether it changed.
 */
export async function markAgentActive(tx: Tx, mark: { agentId: string; now: Date }): Promise<boolean> {
  const agent = await agentById(tx, mark.agentId, true);
  if (agent.status !== "enrolled" || agent.banned) return false;
  const actor: Actor = { type: "agent", id: agent.id, name: agent.name, did: agent.did };
  await changeAgentStatus(tx, {
    agentId: agent.id,
    to: "active",
    actor,
    now: mark.now,
    reason: "first authenticated action",
  });
  return true;
}

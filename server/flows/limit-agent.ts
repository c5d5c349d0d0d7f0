import type { Tx } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";
import { changeAgentStatus } from "../layers/identity/change-agent-status.ts";
import { agentById } from "../layers/identity/store.ts";
import { setIsolation } from "../layers/isolation/set-isolation.ts";

/**
 * Slows an agent down and shows it as throttled, in the caller's transaction. A contained agent stays contained.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `isolation_changed` when it is contained.
 */
export async function limitAgent(
  tx: Tx,
  limit: { agentId: string; limitPerMinute: number; reason: string; actor: Actor; now: Date },
): Promise<{ epoch: number }> {
  const { agentId, reason, actor, now } = limit;
  const changed = await setIsolation(tx, { ...limit, state: "limited", onlyFrom: ["open", "limited"] });
  const agent = await agentById(tx, agentId);
  if (agent.status === "active")
    await changeAgentStatus(tx, { agentId, to: "throttled", actor, now, reason });
  return changed;
}

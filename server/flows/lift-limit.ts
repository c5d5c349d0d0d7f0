import type { Tx } from "../../db/client.ts";
import { type Actor, actorRecord } from "../kernel/actor.ts";
import { changeAgentStatus } from "../layers/identity/change-agent-status.ts";
import { agentById } from "../layers/identity/store.ts";
import { setIsolation } from "../layers/isolation/set-isolation.ts";
import { lockIsolation } from "../layers/isolation/store.ts";

/**
 * Takes back a limit that this same actor set, in the caller's transaction. A limit that somebody else set, and a
 * containment, stay as they are.
 *
 * @returns whether the agent is open again.
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function liftLimit(
  tx: Tx,
  lift: { agentId: string; reason: string; actor: Actor; now: Date },
): Promise<{ lifted: boolean }> {
  const { agentId, reason, actor, now } = lift;
  const { row } = await lockIsolation(tx, agentId);
  if (row?.state !== "limited" || row.changedBy !== actorRecord(actor).name) return { lifted: false };
  await setIsolation(tx, { agentId, state: "open", reason, actor, now, onlyFrom: ["limited"] });
  const agent = await agentById(tx, agentId);
  if (agent.status === "throttled")
    await changeAgentStatus(tx, { agentId, to: "active", actor, now, reason });
  return { lifted: true };
}

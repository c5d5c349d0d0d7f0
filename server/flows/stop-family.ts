import type { Tx } from "../../db/client.ts";
import { agentsBelow } from "../../db/family.ts";
import type { Actor } from "../kernel/actor.ts";
import { endOverridesOfAgent } from "../layers/authorization/end-overrides-of-agent.ts";
import { revokeAgentTokens } from "../layers/authorization/revoke-agent-tokens.ts";
import { tellFamily } from "./tell-family.ts";

/**
 * Kills the tokens of an agent that is being stopped and of everybody below it, and ends what was set by hand of its trust, in the caller's transaction,
 * which has locked the agent's row. That nobody below may act is a rule that every gateway and every issuing of
 * a token asks anew, so a child that is made at this moment is under it too; that what they held stays dead
 * after the agent is released is written here.
 *
 * @returns how many tokens died, and who stands below.
 */
export async function stopFamily(
  tx: Tx,
  stop: {
    agent: { id: string; did: string; name: string };
    /** What is done to it, as a sentence goes on: `contained: it sent data to an unknown peer`. */
    reason: string;
    actor: Actor;
    now: Date;
  },
): Promise<{ revoked: number; revokedBelow: number; below: string[] }> {
  const { agent, reason, actor, now } = stop;
  const below = await agentsBelow(tx, agent.id);
  const { revoked, revokedBelow } = await revokeAgentTokens(tx, {
    agentId: agent.id,
    below,
    ...{ reason, actor, now },
  });
  await endOverridesOfAgent(tx, { agent, reason, actor, now });
  const affected = below.filter((it) => it.status !== "retired");
  await tellFamily(tx, { kind: "agent.parent-stopped", agent, below: affected, reason, actor, now });
  return { revoked, revokedBelow, below: affected.map(({ name }) => name) };
}

import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import type { Actor } from "../../kernel/actor.ts";
import { appendRecord } from "../audit/append.ts";
import { killTokens, lockAgent } from "./store.ts";

/**
 * Kills every living access token of an agent, in the caller's transaction: containment, ban, retirement.
 * The agent's row is locked first, so that a token being issued at this moment is found as well. The caller
 * has checked the permission of the act this is part of.
 *
 * @throws NotFoundError `agent_unknown`.
 */
export async function revokeAgentTokens(
  tx: Tx,
  revocation: { agentId: string; reason: string; actor: Actor; now: Date },
): Promise<{ revoked: number }> {
  const { agentId, reason, actor, now } = revocation;
  const agent = await lockAgent(tx, agentId, "update");
  const killed = await killTokens(tx, { agentId }, { reason, now });
  await appendRecord(tx, {
    kind: "token.revoked",
    actor,
    now,
    agent: { id: agent.id, did: agent.did },
    details: { reason, tokens: killed.map((token) => token.jti) },
  });
  await notify(tx, "token", agentId);
  return { revoked: killed.length };
}

import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import type { Actor } from "../../kernel/actor.ts";
import { appendRecord } from "../audit/append.ts";
import { grantsOf, killTokens } from "./kill-tokens.ts";
import { lockAgent } from "./store.ts";

/**
 * Kills every living access token of an agent and of those named below it, in the caller's transaction:
 * containment, suspension, ban, retirement. The agent's row is locked first; whoever issues a token to it or to
 * anybody below holds that row too, so that a token being issued at this moment is found as well. The caller
 * has checked the permission of the act this is part of, and reads `below` after it has locked the agent.
 *
 * @throws NotFoundError `agent_unknown`.
 */
export async function revokeAgentTokens(
  tx: Tx,
  revocation: {
    agentId: string;
    below?: readonly { id: string; did: string }[];
    reason: string;
    actor: Actor;
    now: Date;
  },
): Promise<{ revoked: number; revokedBelow: number }> {
  const { agentId, below = [], reason, actor, now } = revocation;
  const agent = await lockAgent(tx, agentId, "update");
  const ids = [agentId, ...below.map(({ id }) => id)];
  const killed = await killTokens(tx, { agentIds: ids }, { reason, now });
  for (const { id, did } of [agent, ...below]) {
    const own = killed.filter((token) => token.agentId === id);
    const tokens = own.map((token) => token.jti);
    if (id !== agentId && tokens.length === 0) continue;
    const because = id === agentId ? reason : `${agent.name}, above it, was ${reason}`;
    await appendRecord(tx, {
      kind: "token.revoked",
      actor,
      now,
      agent: { id, did },
      grantIds: grantsOf(own),
      details: { reason: because, tokens },
    });
    await notify(tx, "token", id);
  }
  const own = killed.filter((token) => token.agentId === agentId).length;
  return { revoked: own, revokedBelow: killed.length - own };
}

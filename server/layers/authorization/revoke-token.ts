import type { Database } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { appendRecord } from "../audit/append.ts";
import { killTokens } from "./kill-tokens.ts";
import { type AgentRow, tokenByJti } from "./store.ts";

/**
 * Kills one access token that the agent itself gives back (RFC 7009). Another agent's token, an unknown one
 * and one that is over already are left alone, and the caller is not told which it was.
 *
 * @returns whether it lived.
 */
export async function revokeToken(
  db: Database,
  revocation: { jti: string; agent: Pick<AgentRow, "id" | "did" | "name">; now: Date },
): Promise<boolean> {
  const { jti, agent, now } = revocation;
  return db.transaction(async (tx) => {
    const token = await tokenByJti(tx, jti);
    if (token?.agentId !== agent.id) return false;
    const killed = await killTokens(tx, { jti }, { reason: "given back by the agent", now });
    if (killed.length === 0) return false;
    await appendRecord(tx, {
      kind: "token.revoked",
      actor: { type: "agent", id: agent.id, name: agent.name, did: agent.did },
      now,
      agent: { id: agent.id, did: agent.did },
      grantIds: token.grantIds,
      policyVersion: token.policyVersion,
      details: { reason: "given back by the agent", tokens: [jti] },
    });
    await notify(tx, "token", agent.id);
    return true;
  });
}

import type { Database } from "../../db/client.ts";
import type { Limits } from "../layers/authorization/engine/narrow-limits.ts";
import { type ClientProof, issueToken, type TokenDecision } from "../layers/authorization/issue-token.ts";
import type { AgentRow } from "../layers/authorization/store.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";

/**
 * Answers an agent that asks for a token: the decision, the token's row, its record and, where a HIGH scope
 * is handed out, the alert to security, all in one transaction. The token may leave once this has returned.
 *
 * @throws UnavailableError `policy_missing`, and whatever the database throws while it is away: no token then.
 */
export async function issueAccessToken(
  context: { db: Database; now: Date },
  ask: {
    agent: AgentRow;
    requested: readonly string[];
    /** Limits that it asks for, by scope (RFC 9396). */
    asked?: ReadonlyMap<string, Limits> | undefined;
    thumbprint: string;
    boundUntil: Date;
    proof?: ClientProof;
  },
): Promise<TokenDecision> {
  const { agent, ...asked } = ask;
  const { now } = context;
  return context.db.transaction(async (tx) => {
    const decision = await issueToken(tx, { ...asked, agentId: agent.id, now });
    for (const { scope, grantIds } of decision.granted.filter((it) => it.risk === "HIGH"))
      await raiseAlert(tx, {
        agentId: agent.id,
        kind: "authorization",
        rule: `high-scope-issued:${scope}`,
        severity: "medium",
        title: `${agent.name} was given ${scope}`,
        detail: {
          scope,
          grantIds,
          tokenId: decision.token?.jti,
          expiresAt: decision.token?.expiresAt.toISOString(),
        },
        actor: { type: "system", id: "authorization" },
        now,
      });
    return decision;
  });
}

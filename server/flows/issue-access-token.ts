import type { Database } from "../../db/client.ts";
import { askDecisionPoint } from "../layers/authorization/ask-decision-point.ts";
import { OWN_RULES_ALONE, type PolicyDecisionPoint } from "../layers/authorization/decision-schema.ts";
import type { Limits } from "../layers/authorization/engine/narrow-limits.ts";
import { type ClientProof, issueToken, type TokenDecision } from "../layers/authorization/issue-token.ts";
import type { AgentRow } from "../layers/authorization/store.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";

/**
 * Answers an agent that asks for a token: the decision, the token's row, its record and, where a HIGH scope
 * is handed out, the alert to security, all in one transaction. A decision point is asked before it begins. The token may leave once this has returned.
 *
 * @throws UnavailableError `policy_missing`, and whatever the database throws while it is away: no token then.
 */
export async function issueAccessToken(
  context: { db: Database; now: Date; decisionPoint?: PolicyDecisionPoint },
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
  const { agent, ...rest } = ask;
  const { now, decisionPoint = OWN_RULES_ALONE } = context;
  const requested = [...new Set([...rest.requested, ...(rest.asked?.keys() ?? [])])];
  const { thumbprint } = rest;
  const opinion =
    decisionPoint === OWN_RULES_ALONE
      ? null
      : await askDecisionPoint(context.db, decisionPoint, { agent, requested, thumbprint, now });
  return context.db.transaction(async (tx) => {
    const decision = await issueToken(tx, {
      ...{ ...rest, agentId: agent.id, parentId: agent.parentId },
      ...{ opinion, now },
    });
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

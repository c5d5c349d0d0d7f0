import { and, desc, eq, gt } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { approvals } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { checkAskedLimits } from "./engine/check-asked-limits.ts";
import type { Limits } from "./engine/narrow-limits.ts";
import { expireOverdueApprovals } from "./expire-approvals.ts";
import { openApproval } from "./open-approval.ts";
import type { ScopePolicy, ScopeRule } from "./policy-schema.ts";
import type { AgentRow } from "./store.ts";

/**
 * What comes of an agent asking for a scope that needs a person: a request is opened once, and while one is
 * pending, or shortly after one was denied, asking again opens nothing. What the policy lets nobody ask for, such as a
 * scope that moves money without a sum, opens nothing either.
 *
 * @returns the pending request, or how the last one was denied.
 */
export async function askForApproval(
  tx: Tx,
  ask: {
    agent: AgentRow;
    rule: ScopeRule;
    policy: ScopePolicy;
    /** What the agent asked for beyond the scope's name. */
    limits: Limits;
    actor: Actor;
    now: Date;
  },
): Promise<{ approvalId: string; said: string } | { approvalId: null; said: string }> {
  const { agent, rule, policy, limits, actor, now } = ask;
  const wrong = checkAskedLimits(rule, limits);
  if (wrong)
    return { approvalId: null, said: `${wrong.message} Ask with authorization_details that say so.` };
  const [denied] = await tx
    .select()
    .from(approvals)
    .where(
      and(
        eq(approvals.agentId, agent.id),
        eq(approvals.scope, rule.scope),
        eq(approvals.status, "denied"),
        gt(approvals.decidedAt, new Date(now.getTime() - policy.reaskAfterSeconds * 1000)),
      ),
    )
    .orderBy(desc(approvals.decidedAt))
    .limit(1);
  if (denied)
    return {
      approvalId: null,
      said: `It was denied at ${denied.decidedAt?.toISOString()}: ${denied.decisionReason}`,
    };
  await expireOverdueApprovals(tx, { agentId: agent.id, now });
  const opened = await openApproval(tx, {
    agent: { id: agent.id, did: agent.did },
    ...{ rule, policy, limits, actor, now },
    resource: null,
    durationSeconds: Math.min(rule.secondsMax ?? policy.tokenSecondsMax, policy.tokenSecondsMax),
    reason: "The agent asked for this scope at the token endpoint.",
  });
  const approvalId = opened ?? (await pendingApproval(tx, agent.id, rule.scope));
  return approvalId
    ? { approvalId, said: `Request ${approvalId} waits for a person's decision.` }
    : { approvalId: null, said: "Ask again: the request that was pending has just been decided." };
}

async function pendingApproval(tx: Tx, agentId: string, scope: string): Promise<string | null> {
  const [row] = await tx
    .select({ id: approvals.id })
    .from(approvals)
    .where(and(eq(approvals.agentId, agentId), eq(approvals.scope, scope), eq(approvals.status, "pending")))
    .limit(1);
  return row?.id ?? null;
}

import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { approvals } from "../../../db/schema/index.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { decisiveSteps } from "./decisive-steps.ts";
import { approvalDigest } from "./engine/approval-digest.ts";
import { votesOf } from "./engine/approval-steps.ts";
import type { Limits } from "./engine/narrow-limits.ts";
import type { ScopePolicy, ScopeRule } from "./policy-schema.ts";
import type { AgentRow } from "./store.ts";

/**
 * Opens a request for an approval, in the caller's transaction, unless one for the same agent, scope and
 * resource is pending: the database keeps them one. How many people decide is stored as it is now, and judged anew at
 * each vote.
 *
 * @returns the request's id, or null where one is pending already.
 */
export async function openApproval(
  tx: Tx,
  ask: {
    agent: Pick<AgentRow, "id" | "did">;
    rule: ScopeRule;
    policy: ScopePolicy;
    resource: string | null;
    limits: Limits;
    durationSeconds: number;
    reason: string;
    actor: Actor;
    now: Date;
  },
): Promise<string | null> {
  const { agent, rule, policy, resource, limits, durationSeconds, reason, actor, now } = ask;
  const id = uuidv7(now.getTime());
  const digest = approvalDigest({
    agentId: agent.id,
    scope: rule.scope,
    resource,
    durationSeconds,
    policyVersion: policy.version,
    limits,
  });
  const decisive = await decisiveSteps(tx, rule, { id: null, agentId: agent.id, limits }, now);
  const opened = await tx
    .insert(approvals)
    .values({
      id,
      agentId: agent.id,
      scope: rule.scope,
      resource,
      limits,
      durationSeconds,
      reason,
      requestedBy: actorRecord(actor).id,
      requestedByType: actor.type,
      policyVersion: policy.version,
      digest,
      votesNeeded: votesOf(decisive.steps),
      requestedAt: now,
      expiresAt: new Date(now.getTime() + policy.approvalOpenSeconds * 1000),
    })
    .onConflictDoNothing()
    .returning({ id: approvals.id });
  if (opened.length === 0) return null;
  await appendRecord(tx, {
    kind: "approval.requested",
    actor,
    now,
    agent,
    approvalId: id,
    policyVersion: policy.version,
    details: {
      ...{ scope: rule.scope, risk: rule.risk, resource, durationSeconds, reason, digest },
      ...(limits ? { limits } : {}),
      ...(decisive.escalated ? { escalated: decisive.detail } : {}),
    },
  });
  await notify(tx, "approval", id);
  return id;
}

import type { Database, Tx } from "../../../db/client.ts";
import { decideSteps, type StepsDecision } from "./engine/approval-escalation.ts";
import { votesOf } from "./engine/approval-steps.ts";
import { readLimits } from "./engine/narrow-limits.ts";
import { loadEscalationFacts } from "./escalation-store.ts";
import type { ScopePolicy, ScopeRule } from "./policy-schema.ts";
import type { ApprovalRow } from "./store.ts";

/**
 * Which steps decide a request as things stand now. The facts are read only where the rule escalates.
 *
 * @param ask.id the request's own id once it is open; null while it is being opened.
 */
export async function decisiveSteps(
  db: Database | Tx,
  rule: ScopeRule,
  ask: Pick<ApprovalRow, "agentId" | "limits"> & { id: string | null },
  now: Date,
): Promise<StepsDecision> {
  const escalation = rule.amounts?.escalation;
  const { id: exceptApprovalId, agentId } = ask;
  const { withinSeconds } = escalation ?? { withinSeconds: 0 };
  const facts = escalation
    ? await loadEscalationFacts(db, { agentId, scope: rule.scope, withinSeconds, exceptApprovalId, now })
    : { others: [] };
  return decideSteps(rule, readLimits(ask.limits), facts);
}

/**
 * The policy as it decides one request now: with the steps of its scope's rule, or those that the rule escalates to,
 * because of this request's sum or of others that were asked for or given since. A request that was opened with more
 * people than the rule has stays escalated: who was told that two decide is not overtaken by one.
 *
 * @returns also how many people must approve in all, and the sentence that says why the escalation decides.
 */
export async function decidingPolicy(
  db: Database | Tx,
  policy: ScopePolicy,
  approval: ApprovalRow,
  now: Date,
): Promise<{ policy: ScopePolicy; votesNeeded: number; escalation: string | null }> {
  const rule = policy.scopes.find(({ scope }) => scope === approval.scope);
  const escalation = rule?.amounts?.escalation;
  if (!rule || !escalation || approval.status !== "pending")
    return { policy, votesNeeded: approval.votesNeeded, escalation: null };
  const decisive = await decisiveSteps(db, rule, approval, now);
  const stays = votesOf(decisive.steps) < approval.votesNeeded;
  const steps = [...(stays ? escalation.steps : decisive.steps)];
  const scopes = policy.scopes.map((it) => (it === rule ? { ...rule, steps } : it));
  return {
    policy: { ...policy, scopes },
    votesNeeded: Math.max(approval.votesNeeded, votesOf(steps)),
    escalation: decisive.escalated ? decisive.detail : null,
  };
}

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
 * How many people must approve an open request now: what it was opened with, or more where others were asked for or
 * given since. Never fewer: who was told that two decide is not overtaken by one.
 *
 * @returns also the sentence that says why other steps decide than the scope's own; null where they do not.
 */
export async function decisiveNow(
  db: Database | Tx,
  policy: ScopePolicy,
  approval: ApprovalRow,
  now: Date,
): Promise<{ votesNeeded: number; escalation: string | null }> {
  const rule = policy.scopes.find(({ scope }) => scope === approval.scope);
  if (!rule?.amounts?.escalation || approval.status !== "pending")
    return { votesNeeded: approval.votesNeeded, escalation: null };
  const { steps, escalated, detail } = await decisiveSteps(db, rule, approval, now);
  return {
    votesNeeded: Math.max(approval.votesNeeded, votesOf(steps)),
    escalation: escalated ? detail : null,
  };
}

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

/** What a request's steps are now. */
export type DecisiveNow = {
  votesNeeded: number;
  /** The rule's escalation decides. */
  escalated: boolean;
  /** Why it does, in a sentence; null where it does not. */
  escalation: string | null;
};

/**
 * How many people must approve an open request now: what it was opened with, or more where others were asked for or
 * given since. Never fewer: who was told that two decide is not overtaken by one.
 */
export async function decisiveNow(
  db: Database | Tx,
  policy: ScopePolicy,
  approval: ApprovalRow,
  now: Date,
): Promise<DecisiveNow> {
  const rule = policy.scopes.find(({ scope }) => scope === approval.scope);
  if (!rule?.amounts?.escalation || approval.status !== "pending")
    return { votesNeeded: approval.votesNeeded, escalated: false, escalation: null };
  const { steps, escalated, detail } = await decisiveSteps(db, rule, approval, now);
  return {
    votesNeeded: Math.max(approval.votesNeeded, votesOf(steps)),
    escalated,
    escalation: escalated ? detail : null,
  };
}

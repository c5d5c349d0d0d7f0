import type { RenewalState } from "../schema.ts";

/** The part of a credential's life after which its agent renews it, as agents do (`agent/keep-credentials.ts`). */
export const DUE_PART = 2 / 3;
/** The part after which a renewal is late: an agent that works has tried several times by then. */
export const OVERDUE_PART = 3 / 4;

export type RenewalFacts = {
  issuedAt: Date;
  dueAt: Date;
  overdueAt: Date;
  /** When it stops counting: at its own end, or at its revocation. */
  endsAt: Date;
  /** How many credentials of this purpose the agent was ever given. */
  issuedCount: number;
  lastFailedAt: Date | null;
};

export type RenewalJudgement = { state: RenewalState; ended: boolean; neverRenewed: boolean };

/**
 * How the renewal of one agent's credential stands: `failed` where the last try failed after the last success,
 * `overdue` where it is late or the credential has ended, `due` where it is time, `fine` before that.
 */
export function judgeRenewal(facts: RenewalFacts, now: Date): RenewalJudgement {
  const { issuedAt, dueAt, overdueAt, endsAt, issuedCount, lastFailedAt } = facts;
  const ended = endsAt <= now;
  const due = dueAt <= now || ended;
  const failed = lastFailedAt !== null && lastFailedAt > issuedAt;
  const late = overdueAt <= now || ended;
  const state = failed ? "failed" : late ? "overdue" : due ? "due" : "fine";
  return { state, ended, neverRenewed: due && issuedCount === 1 };
}

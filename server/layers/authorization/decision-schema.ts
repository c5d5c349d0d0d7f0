import { z } from "zod";

/** What a decision point is asked: one token for one agent, with what is known when it is asked. */
export type DecisionQuestion = {
  agent: { id: string; name: string; did: string; kind: string; status: string; zone: string };
  requested: {
    scope: string;
    /** Null where the policy knows no such scope. */
    risk: string | null;
    group: string | null;
    /** Whether a live grant is there, and its end; a grant without an end stands. */
    held: boolean;
    heldUntil: string | null;
  }[];
  /** The last trust score that was kept; null where none was. */
  trust: number | null;
  policyVersion: number;
  thumbprint: string;
  at: string;
};

/** What it says. Nothing that it says gives more than our own rules and approvals do. */
export type DecisionOpinion =
  | { by: string; answered: true; scopes: Record<string, { allow: boolean; reasons: string[] }> }
  | { by: string; answered: false; why: string };

/**
 * Who has a say in what a token may carry, beside our own rules. It may only refuse: a scope that it does not
 * allow by name is refused, and where it does not answer, all are.
 */
export type PolicyDecisionPoint = {
  /** Null where our own rules decide alone. Never throws: not answering is an opinion. */
  ask: (question: DecisionQuestion) => Promise<DecisionOpinion | null>;
};

/** The default: our own rules decide alone. */
export const OWN_RULES_ALONE: PolicyDecisionPoint = { ask: async () => null };

export const REASONS_MAX = 5;
export const REASON_CHARS_MAX = 300;

/** The answer of OPA's data API for `vigil/authz`: for each scope whether it is allowed, and why not. */
export const opaAnswer = z.object({
  result: z.object({
    allow: z.record(z.string(), z.boolean()),
    reasons: z.record(z.string(), z.array(z.string()).max(100)).default({}),
  }),
});

import type { Check, Decision } from "../../../kernel/decision.ts";
import type { AuthorityStatus, Issuer } from "../schema.ts";

/** Steps of an authority's life that people take. */
export type AuthorityStep = "activate" | "taint" | "revoke";

/**
 * From where each step may be taken, as SPIRE's local authorities go: prepare, activate, taint, revoke. Whoever signs
 * now is never tainted: its successor takes over first, so that every agent has somebody to renew from.
 */
const FROM: Record<AuthorityStep, readonly AuthorityStatus[]> = {
  activate: ["prepared"],
  taint: ["superseded"],
  revoke: ["prepared", "tainted"],
};

/** Whose certificates are believed: everybody's but a revoked authority's. */
export const TRUSTED: readonly AuthorityStatus[] = ["prepared", "active", "superseded", "tainted"];

/** What is known of an authority when a person wants the next step. */
export type AuthorityFacts = {
  purpose: Issuer;
  status: AuthorityStatus;
  notAfter: Date;
  /** Milliseconds that a leaf of its purpose lives. */
  leafLifeMs: number;
  /** Live gateways that do not trust it yet: an agent it certified would be turned away there. */
  doorsWithout: readonly string[];
  /** Agents and doors whose newest certificate is of this authority. */
  dependents: number;
  /** How many of them the person said may break. */
  acceptedBreaks: number;
};

/** Whether an authority may take a step now; each check says what to do where it fails. */
export function decideAuthorityStep(step: AuthorityStep, facts: AuthorityFacts, now: Date): Decision {
  const checks = [legal(step, facts), ...CHECKS[step].map((check) => check(facts, now))];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

const CHECKS: Record<AuthorityStep, readonly ((facts: AuthorityFacts, now: Date) => Check)[]> = {
  activate: [outlivesItsLeaves, trustedEverywhere],
  taint: [],
  revoke: [breaksAccepted],
};

function legal(step: AuthorityStep, { status }: AuthorityFacts): Check {
  const passed = FROM[step].includes(status);
  const from = FROM[step].join(" or ");
  const advice =
    status === "active" && step !== "activate"
      ? "It signs now: prepare and activate a successor first."
      : `Only an authority that is ${from} may take this step; this one is ${status}.`;
  return { id: "legal-step", passed, detail: passed ? `It is ${status}.` : advice };
}

function outlivesItsLeaves({ notAfter, leafLifeMs }: AuthorityFacts, now: Date): Check {
  const passed = notAfter.getTime() - now.getTime() > leafLifeMs;
  const end = notAfter.toISOString();
  return {
    id: "outlives-its-leaves",
    passed,
    detail: passed
      ? `It ends at ${end}, after every certificate it signs today.`
      : `It ends at ${end}, before a certificate that it signs today would: prepare a new one.`,
  };
}

function trustedEverywhere({ doorsWithout }: AuthorityFacts): Check {
  const passed = doorsWithout.length === 0;
  return {
    id: "trusted-everywhere",
    passed,
    detail: passed
      ? "Every live gateway has confirmed that it trusts it."
      : `${doorsWithout.join(", ")} has not confirmed yet that it trusts it. Try again in a few seconds, or look at that gateway.`,
  };
}

function breaksAccepted({ dependents, acceptedBreaks }: AuthorityFacts): Check {
  // Fewer than accepted is what waiting brings: they go on renewing while a person decides.
  const passed = dependents <= acceptedBreaks;
  return {
    id: "breaks-accepted",
    passed,
    detail: passed
      ? dependents === 0
        ? "Nobody depends on it any more."
        : `${dependents} depend on it, and were accepted to break.`
      : `${dependents} depend on it and would be cut off, not ${acceptedBreaks}. Wait until they have renewed, or accept that these ${dependents} break.`,
  };
}

import type { Check, Decision } from "../../../../kernel/decision.ts";
import { type PersonFacts, samePerson } from "../../../../kernel/same-person.ts";

export type RuleProposalFacts = {
  decider: PersonFacts & {
    /** What the database says of them now, not what their session said when it began. */
    mayDecide: boolean;
    disabled: boolean;
    /** They came over a session of their own: an API key never decides. */
    inPerson: boolean;
  };
  proposal: { status: string; expiresAt: Date; baseVersion: number; digest: string };
  proposer: PersonFacts | "unknown";
  currentVersion: number;
  now: Date;
};

type Rule = {
  id: string;
  /** Rejecting changes nothing: it needs less. */
  whenRejecting: boolean;
  holds: (facts: RuleProposalFacts) => boolean;
  yes: string;
  no: (facts: RuleProposalFacts) => string;
};

/** The table of the second person, in order. One that cannot be decided (an account that is not found) has failed. */
const RULES: readonly Rule[] = [
  {
    id: "in-person",
    whenRejecting: true,
    holds: ({ decider }) => decider.inPerson,
    yes: "You signed in as yourself.",
    no: () => "An API key decides nothing; sign in at the console.",
  },
  {
    id: "may-decide",
    whenRejecting: true,
    holds: ({ decider }) => decider.mayDecide && !decider.disabled,
    yes: "Your role decides over the rules.",
    no: () => "Only people who hold the role approver or compliance now decide over the rules.",
  },
  {
    id: "not-proposer",
    whenRejecting: true,
    holds: ({ proposer, decider }) => proposer !== "unknown" && !samePerson(proposer, decider),
    yes: "Somebody else proposed this.",
    no: ({ proposer }) =>
      proposer === "unknown"
        ? "The account of the person who proposed it cannot be found, so nobody can be shown to be somebody else."
        : "You proposed this yourself; a second person must decide. You may withdraw it.",
  },
  {
    id: "open",
    whenRejecting: true,
    holds: ({ proposal, now }) => proposal.status === "pending" && proposal.expiresAt > now,
    yes: "The proposal is open.",
    no: ({ proposal }) =>
      proposal.status === "pending"
        ? "The proposal has expired."
        : `The proposal is already ${proposal.status}.`,
  },
  {
    id: "base-current",
    whenRejecting: false,
    holds: ({ proposal, currentVersion }) => proposal.baseVersion === currentVersion,
    yes: "The rules are still those that it changes.",
    no: ({ proposal, currentVersion }) =>
      `It changes version ${proposal.baseVersion} of the rules; version ${currentVersion} counts now. Propose it anew.`,
  },
];

/** Whether this person's decision counts. */
export function decideRuleProposal(
  facts: RuleProposalFacts,
  wish: { decision: "approve" | "reject"; digest: string },
): Decision {
  const same = wish.digest === facts.proposal.digest;
  const rules = RULES.filter((rule) => wish.decision === "approve" || rule.whenRejecting);
  const checks = [
    ...rules.map((rule) => judge(rule, facts)),
    {
      id: "same-proposal",
      passed: same,
      detail: same
        ? "The decision is for this proposal as it stands."
        : "The proposal is not the one you were shown; read it again.",
    },
  ];
  return outcomeOf(checks);
}

/** Why this person may or may not approve, check by check: shown beside the buttons. */
export function mayApproveRules(facts: RuleProposalFacts): Decision {
  return outcomeOf(RULES.map((rule) => judge(rule, facts)));
}

function judge(rule: Rule, facts: RuleProposalFacts): Check {
  const passed = rule.holds(facts);
  return { id: rule.id, passed, detail: passed ? rule.yes : rule.no(facts) };
}

function outcomeOf(checks: Check[]): Decision {
  return { outcome: checks.every(({ passed }) => passed) ? "allow" : "deny", checks };
}

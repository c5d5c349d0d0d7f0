import type { Check, Decision } from "../../../kernel/decision.ts";
import { type PersonFacts, samePerson } from "../../../kernel/same-person.ts";

export type ProposalFacts = {
  decider: PersonFacts & {
    /** What the database says of them now, not what their session said when it began. */
    mayDecide: boolean;
    disabled: boolean;
    /** They came over a session of their own: an API key never decides. */
    inPerson: boolean;
  };
  proposal: { status: string; expiresAt: Date; baseVersion: number; digest: string };
  /** Who proposed it; `unknown` where the account cannot be found. */
  proposer: PersonFacts | "unknown";
  /** Those to whom the change gives a say that they had not (`beneficiariesOf`). */
  beneficiaries: readonly (PersonFacts | "unknown")[];
  currentVersion: number;
  /** What changed since the base, in words; empty where nothing did. */
  changedMeanwhile: readonly string[];
  now: Date;
};

export type ProposalWish = { decision: "approve" | "reject"; digest: string };
type Rule = {
  id: string;
  /** Rejecting takes no power from anybody: it needs less. */
  whenRejecting: boolean;
  holds: (facts: ProposalFacts) => boolean;
  yes: string;
  no: (facts: ProposalFacts) => string;
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
    yes: "Your role decides over the policy.",
    no: () => "Only people who hold the role compliance or admin now decide over the policy.",
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
    id: "no-interest",
    whenRejecting: false,
    holds: ({ beneficiaries, decider }) =>
      beneficiaries.every((person) => person !== "unknown" && !samePerson(person, decider)),
    yes: "The change gives you nothing.",
    no: ({ beneficiaries, decider }) =>
      beneficiaries.some((person) => person !== "unknown" && samePerson(person, decider))
        ? "The change gives you a say that you had not, as an approver or at breaking glass; somebody else must decide."
        : "An account that the change gives a say to cannot be found, so nobody can be shown to be somebody else.",
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
    yes: "The policy is still the one that it changes.",
    no: ({ proposal, currentVersion, changedMeanwhile }) =>
      `It changes version ${proposal.baseVersion} of the policy; version ${currentVersion} counts now. ${said(changedMeanwhile)}Propose it anew.`,
  },
];

/** Whether this person's decision counts. */
export function decideProposal(facts: ProposalFacts, wish: ProposalWish): Decision {
  const rules = RULES.filter((rule) => wish.decision === "approve" || rule.whenRejecting);
  const same = wish.digest === facts.proposal.digest;
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
  return { outcome: checks.every(({ passed }) => passed) ? "allow" : "deny", checks };
}

/** Why this person may or may not approve, check by check: shown beside the buttons. */
export function mayApproveProposal(facts: ProposalFacts): Decision {
  const checks = RULES.map((rule) => judge(rule, facts));
  return { outcome: checks.every(({ passed }) => passed) ? "allow" : "deny", checks };
}

function judge(rule: Rule, facts: ProposalFacts): Check {
  const passed = rule.holds(facts);
  return { id: rule.id, passed, detail: passed ? rule.yes : rule.no(facts) };
}

const SAID_MAX = 3;

/** The first few changes as one sentence. */
export function said(changes: readonly string[]): string {
  if (changes.length === 0) return "";
  const more = changes.length > SAID_MAX ? ` (and ${changes.length - SAID_MAX} more)` : "";
  return `Meanwhile: ${changes.slice(0, SAID_MAX).join(" ")}${more} `;
}

import { type Check, type Decision, verdict } from "../../../kernel/decision.ts";
import { type PersonFacts, samePerson } from "../../../kernel/same-person.ts";
import type { PersonNow } from "./decide-break-glass.ts";

export type ReviewFacts = {
  reviewer: PersonNow;
  /** Who broke glass; `unknown` where the account cannot be found. */
  user: PersonFacts | "unknown";
  /** Who answers for the agent and for those above it; `unknown` where an account cannot be found. */
  owners: readonly (PersonFacts | "unknown")[];
  reviewed: boolean;
};

/** Whether this person may review this use of break-glass: somebody else, who gains nothing by the answer. */
export function decideReview({ reviewer, user, owners, reviewed }: ReviewFacts): Decision {
  const checks: Check[] = [
    verdict(
      "in-person",
      reviewer.inPerson,
      "You signed in as yourself.",
      "An API key reviews nothing; sign in at the console.",
    ),
    verdict(
      "may-review",
      reviewer.holdsRole && !reviewer.disabled,
      "You hold a role that may review.",
      "Only people who hold the role approver or compliance now may review.",
    ),
    verdict(
      "not-user",
      user !== "unknown" && !samePerson(user, reviewer),
      "Somebody else broke glass.",
      user === "unknown"
        ? "The account of whoever broke glass cannot be found, so nobody can be shown to be somebody else."
        : "You broke glass yourself; somebody else must review it.",
    ),
    verdict(
      "not-owner",
      owners.every((owner) => owner !== "unknown" && !samePerson(owner, reviewer)),
      owners.length === 0 ? "The agent has no owner to exclude." : "The agent is not yours.",
      owners.includes("unknown")
        ? "The account of the agent's owner cannot be found, so nobody can be shown to be somebody else."
        : "You own this agent or one above it; somebody else must review it.",
    ),
    verdict("unreviewed", !reviewed, "It waits for a review.", "It was reviewed already."),
  ];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

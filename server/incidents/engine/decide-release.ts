import { type Decision, verdict } from "../../kernel/decision.ts";
import { type PersonFacts, samePerson } from "../../kernel/same-person.ts";

/** A person as the database knows them now; `unknown` where the account cannot be found. */
export type ReleasePerson = (PersonFacts & { disabled: boolean; mayRelease: boolean }) | "unknown";

/**
 * Whether this person may confirm the release of a contained agent: somebody asked for it whose account still
 * counts, it was another person (two accounts of one mailbox are one), the agent is not theirs, and they hold
 * the role now, whatever their session said when it began. What cannot be decided has failed.
 */
export function decideRelease(facts: {
  status: string;
  /** Null where nobody asks. */
  requester: ReleasePerson | null;
  /** Null where the agent has no owner. */
  owner: ReleasePerson | null;
  /** Those who own an agent above it. */
  above?: readonly ReleasePerson[];
  person: ReleasePerson;
}): Decision {
  const { status, requester, owner, above = [], person } = facts;
  const mayRelease = person !== "unknown" && !person.disabled && person.mayRelease;
  const asked = requester !== null && requester !== "unknown" && !requester.disabled;
  const second = requester === null || isOther(requester, person);
  const owners = owner === null ? above : [owner, ...above];
  const foreign = owners.every((one) => isOther(one, person));
  const checks = [
    verdict(
      "still-contained",
      status !== "released",
      "The agent is contained.",
      "The agent was released already.",
    ),
    verdict(
      "requested",
      asked,
      "Somebody has asked for this release.",
      requester === null
        ? "Nobody has asked for this release yet."
        : "The account of the person who asked does not count any more; decline the request and ask anew.",
    ),
    verdict(
      "second-person",
      second,
      "Whoever confirms is not the one who asked.",
      "You asked for this release; somebody else must confirm it.",
    ),
    verdict(
      "not-owner",
      foreign,
      "Whoever confirms does not own the agent.",
      owners.includes("unknown")
        ? "The account of the agent's owner cannot be found, so nobody can be shown to be somebody else."
        : "The agent or one above it is yours; somebody else must confirm its release.",
    ),
    verdict(
      "may-release",
      mayRelease,
      "Whoever confirms may release agents.",
      "Only people who hold the role approver now confirm a release.",
    ),
  ];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

function isOther(one: ReleasePerson, person: ReleasePerson): boolean {
  return one !== "unknown" && person !== "unknown" && !samePerson(one, person);
}

import { canonicalBytes, type Json } from "../../../kernel/canonical.ts";
import { type Check, type Decision, verdict } from "../../../kernel/decision.ts";
import { sha256Label } from "../../../kernel/hash.ts";
import { type PersonFacts, samePerson } from "../../../kernel/same-person.ts";

/** What a second person's decision on learning or on maintenance is judged by. */
export type SecondFacts = {
  decider: PersonFacts & {
    /** What the database says of them now, not what their session said when it began. */
    mayDecide: boolean;
    disabled: boolean;
    /** They came over a session of their own: an API key never decides. */
    inPerson: boolean;
  };
  /** `unknown` where the account cannot be found. */
  proposer: PersonFacts | "unknown";
  /** Who answers for the agents and for those above them. */
  owners: readonly (PersonFacts | "unknown")[];
  asked: { status: string; openUntil: Date; digest: string };
  now: Date;
};

/** What a decision is bound to: SHA-256 over the canonical terms. */
export function termsDigest(what: "learning" | "maintenance", terms: Json): string {
  return sha256Label(`vigil-${what}/v1\n`, canonicalBytes(terms));
}

/**
 * Whether this person may decide: every way around a second person is a check of its own, and one that cannot be
 * decided has failed. The same for approving and for denying.
 *
 * @param digest of what the decider was shown; left out where they are only told whether they may.
 */
export function decideSecond(facts: SecondFacts, digest?: string): Decision {
  const { decider, proposer, owners, asked, now } = facts;
  const checks: Check[] = [
    verdict(
      "in-person",
      decider.inPerson,
      "You signed in as yourself.",
      "An API key decides nothing; sign in at the console.",
    ),
    verdict(
      "may-decide",
      decider.mayDecide && !decider.disabled,
      "Your role may decide this.",
      "Only people whose role decides this now may decide.",
    ),
    verdict(
      "not-proposer",
      proposer !== "unknown" && !samePerson(proposer, decider),
      "Somebody else proposed this.",
      proposer === "unknown"
        ? "The account of the person who proposed it cannot be found, so nobody can be shown to be somebody else."
        : "You proposed this yourself; a second person must decide.",
    ),
    verdict(
      "not-owner",
      owners.every((owner) => owner !== "unknown" && !samePerson(owner, decider)),
      "No agent of this is yours.",
      owners.includes("unknown")
        ? "The account of an owner cannot be found, so nobody can be shown to be somebody else."
        : "You own an agent of this or one above it; somebody else must decide.",
    ),
    verdict(
      "open",
      asked.status === "pending" && asked.openUntil > now,
      "It is open.",
      asked.status === "pending" ? "Its time to be decided is over." : `It is already ${asked.status}.`,
    ),
  ];
  if (digest !== undefined)
    checks.push(
      verdict(
        "same-terms",
        digest === asked.digest,
        "The decision is for this as it stands.",
        "It is not what you were shown; read it again.",
      ),
    );
  return { outcome: checks.every(({ passed }) => passed) ? "allow" : "deny", checks };
}

/** Checks that fail because the world moved on, not because of who decides. */
export const MOVED_ON: readonly string[] = ["open", "same-terms", "no-true-positive"];

import { type Check, type Decision, verdict } from "../../../kernel/decision.ts";
import { type PersonFacts, samePerson } from "../../../kernel/same-person.ts";
import type { Claim, PersonAuthority } from "../facts-schema.ts";
import { authoritiesFor, LIFE_DAYS_MAX } from "./facts-policy.ts";
import type { StatedClaim } from "./judge-facts.ts";

/** A person as the database has them now, not as their session said when it began. */
export type Attester = PersonFacts & {
  disabled: boolean;
  /** They came over a session of their own: an API key never attests. */
  inPerson: boolean;
  /** Whether their roles let them speak for compliance and for the security review. */
  speaksFor: Record<Exclude<PersonAuthority, "business-owner">, boolean>;
};

export type AttestationRequest = {
  attester: Attester;
  claim: Claim;
  authority: PersonAuthority;
  /** The claim as it is stored; null where nothing was stated. */
  stated: StatedClaim | null;
  /** Who answers for the agent; null where nobody does, `unknown` where the account cannot be found. */
  owner: PersonFacts | null | "unknown";
  agent: { status: string; banned: boolean };
  /** Everybody who attested this very value before, and as what; `unknown` where the account cannot be found. */
  before: readonly { authority: PersonAuthority; attester: PersonFacts | "unknown" }[];
};

/** Whether this person may attest this claim in this capacity, check by check: shown beside the button. */
export function mayAttest(request: AttestationRequest): Decision {
  return decided(eligibility(request));
}

/** Whether this attestation is taken: the person may give it, for the value they read, for no longer than allowed. */
export function decideAttestation(
  request: AttestationRequest,
  wish: { digest: string; days: number },
): Decision {
  const daysMax = LIFE_DAYS_MAX[request.authority];
  return decided([
    ...eligibility(request),
    verdict(
      "same-value",
      request.stated?.digest === wish.digest,
      "It is for the value as it stands.",
      "The value is not the one you were shown; read it again.",
    ),
    verdict(
      "not-longer",
      wish.days >= 1 && wish.days <= daysMax,
      `It lives ${wish.days} days, of ${daysMax} at most.`,
      `An attestation of ${said(request.authority)} lives at most ${daysMax} days.`,
    ),
  ]);
}

/** Whether this person may take an attestation back: who gave it, or whoever speaks for the same authority now. */
export function mayWithdraw(facts: {
  attester: Attester;
  authority: PersonAuthority;
  givenBy: PersonFacts | "unknown";
  owner: PersonFacts | null | "unknown";
}): Decision {
  const { attester, givenBy } = facts;
  const own = givenBy !== "unknown" && samePerson(givenBy, attester);
  return decided([
    inPerson(attester),
    verdict(
      "may-withdraw",
      !attester.disabled && (own || speaks(facts)),
      own ? "You gave it." : `You speak for ${said(facts.authority)}.`,
      `Only who gave it, or who speaks for ${said(facts.authority)} now, may withdraw it.`,
    ),
  ]);
}

function eligibility(request: AttestationRequest): Check[] {
  const { attester, claim, authority, stated, agent } = request;
  const stater = stated?.stater ?? "unknown";
  const before = request.before.filter((other) => other.authority !== authority);
  return [
    inPerson(attester),
    verdict(
      "authority-asked",
      authoritiesFor(claim).includes(authority),
      "The policy asks for this authority here.",
      `The policy asks ${said(authority)} nothing about this claim.`,
    ),
    verdict("may-speak", !attester.disabled && speaks(request), ...capacity(request)),
    verdict(
      "stated",
      stated !== null,
      "The claim is stated.",
      "Nothing is stated here yet, so there is nothing to attest.",
    ),
    verdict(
      "intact",
      stated === null || stated.intact,
      "The stored value is the one that was stated.",
      "The stored value is not the one that was stated. State it again, and find out who changed it.",
    ),
    verdict(
      "not-own-claim",
      stated === null || stater === "vigil" || (stater !== "unknown" && !samePerson(stater, attester)),
      "Somebody else stated it.",
      stater === "unknown"
        ? "The account of the person who stated it cannot be found, so nobody can be shown to be somebody else."
        : "You stated this yourself; somebody else must attest it.",
    ),
    verdict(
      "one-authority",
      before.every((other) => other.attester !== "unknown" && !samePerson(other.attester, attester)),
      "You have not attested this value as another authority.",
      before.some((other) => other.attester === "unknown")
        ? "The account of a person who attested this value cannot be found, so nobody can be shown to be somebody else."
        : "You attested this value for another authority already; a second person must do this.",
    ),
    verdict(
      "agent-in-use",
      !agent.banned && agent.status !== "retired",
      `The agent is ${agent.status}.`,
      `The agent is ${agent.banned ? "banned" : agent.status}: nothing more is attested of it.`,
    ),
  ];
}

function inPerson(attester: Attester): Check {
  return verdict(
    "in-person",
    attester.inPerson,
    "You signed in as yourself.",
    "An API key attests and withdraws nothing; sign in at the console.",
  );
}

function speaks({
  attester,
  authority,
  owner,
}: Pick<AttestationRequest, "attester" | "authority" | "owner">): boolean {
  if (authority !== "business-owner") return attester.speaksFor[authority];
  return owner !== null && owner !== "unknown" && owner.id === attester.id;
}

function capacity({ authority, owner }: Pick<AttestationRequest, "authority" | "owner">): [string, string] {
  if (authority === "compliance")
    return ["You hold the role compliance.", "Only people who hold the role compliance now attest for it."];
  if (authority === "security-review")
    return [
      "You hold the role analyst.",
      "Only people who hold the role analyst now attest a security review.",
    ];
  if (owner === null) return ["", "The agent has no owner, so nobody can attest as its owner."];
  if (owner === "unknown") return ["", "The account of the agent's owner cannot be found."];
  return ["You own the agent.", "Only the agent's owner attests as its owner."];
}

function said(authority: PersonAuthority): string {
  return {
    "business-owner": "the business owner",
    compliance: "compliance",
    "security-review": "the security review",
  }[authority];
}

function decided(checks: Check[]): Decision {
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

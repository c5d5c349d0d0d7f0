import { type PersonFacts, samePerson } from "../../../kernel/same-person.ts";
import type { Authority, Claim, ClaimValue, PersonAuthority, Standing } from "../facts-schema.ts";
import { type IdentityProof, judgeIdentity } from "./judge-identity.ts";

/** A claim as it was stated last. */
export type StatedClaim = {
  claim: Claim;
  value: ClaimValue;
  /** Of the value as it is stored now. */
  digest: string;
  /** Whether that is the digest that was stored with it, and for a register's claim the register's value. */
  intact: boolean;
  /** The person who stated it; `vigil` for Vigil itself, `unknown` where the account cannot be found. */
  stater: PersonFacts | "vigil" | "unknown";
  statedAt: Date;
};

/** An attestation as it is stored, and whether its signature bears the row out. */
export type Attestation = {
  id: string;
  claim: Claim;
  digest: string;
  authority: PersonAuthority;
  attester: PersonFacts | "unknown";
  attestedAt: Date;
  expiresAt: Date;
  jws: string;
  /** The signature verifies with this authority's key, and says just what the row says. */
  genuine: boolean;
  withdrawn: { at: Date; by: string; reason: string } | null;
};

export type AgentFacts = {
  claims: readonly StatedClaim[];
  /** Newest first. */
  attestations: readonly Attestation[];
  ownerId: string | null;
  identity: IdentityProof;
  now: Date;
};

export type AuthorityStanding = {
  standing: Standing;
  detail: string;
  /** The attestation that the standing is about, if a person gave one. */
  attestation: Attestation | null;
  /** When it ends by itself; null where nothing counts. */
  expiresAt: Date | null;
};

/**
 * How one authority stands to one claim at `now`. Its newest attestation of the value as it stands alone
 * decides: a later one replaces those before it, so that withdrawing it leaves nothing to fall back on.
 */
export function judgeAuthority(facts: AgentFacts, claim: Claim, authority: Authority): AuthorityStanding {
  if (authority === "issuing-ca") return judgeIdentity(facts.identity, facts.now);
  const stated = facts.claims.find((one) => one.claim === claim);
  const own = facts.attestations.filter((one) => one.claim === claim && one.authority === authority);
  const newest = stated && own.find((one) => one.digest === stated.digest);
  if (!stated) return about(null, "missing", "Nothing is stated here yet.");
  if (!stated.intact)
    return about(newest ?? null, "invalid", "The stored value is not the one that was stated.");
  if (newest) return judgeAttestation(facts, stated, newest);
  const earlier = own[0];
  return earlier
    ? about(earlier, "other-value", "An earlier value was attested; this one was not.")
    : about(null, "missing", "Nobody has attested this value.");
}

function judgeAttestation(facts: AgentFacts, stated: StatedClaim, given: Attestation): AuthorityStanding {
  const { now } = facts;
  const until = given.expiresAt.toISOString();
  if (!given.genuine)
    return about(given, "invalid", "The signature does not bear out what is stored: the row was changed.");
  if (given.withdrawn)
    return about(given, "withdrawn", `Withdrawn by ${given.withdrawn.by}: ${given.withdrawn.reason}`);
  if (now >= given.expiresAt) return about(given, "expired", `The attestation ended ${until}.`);
  if (now < given.attestedAt)
    return about(given, "void", "The attestation is dated later than now, so it does not count.");
  const obstacle = independence(facts, stated, given);
  if (obstacle) return about(given, "void", obstacle);
  return {
    standing: "attested",
    detail: `Attested until ${until}.`,
    attestation: given,
    expiresAt: given.expiresAt,
  };
}

/** Why this person's word does not count here; null where it does. */
function independence(facts: AgentFacts, stated: StatedClaim, given: Attestation): string | null {
  const { attester, authority } = given;
  if (attester === "unknown") return "The account of the person who attested cannot be found.";
  if (stated.stater === "unknown") return "The account of the person who stated it cannot be found.";
  if (stated.stater !== "vigil" && samePerson(stated.stater, attester))
    return "The same person stated and attested it.";
  if (authority === "business-owner" && attester.id !== facts.ownerId)
    return "The person who attested does not own the agent now.";
  const before = facts.attestations.slice(facts.attestations.indexOf(given) + 1);
  const twice = before.some(
    (other) =>
      other.genuine &&
      other.claim === given.claim &&
      other.digest === given.digest &&
      other.authority !== authority &&
      other.attester !== "unknown" &&
      samePerson(other.attester, attester),
  );
  return twice ? "The same person attested this value for another authority before." : null;
}

function about(attestation: Attestation | null, standing: Standing, detail: string): AuthorityStanding {
  return { standing, detail, attestation, expiresAt: null };
}

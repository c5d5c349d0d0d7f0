import { canonicalJson, type Json } from "../../../kernel/canonical.ts";
import { sha256Label } from "../../../kernel/hash.ts";
import { type Authority, CLAIMS, type Claim, LEVELS, type Level } from "../facts-schema.ts";
import { authoritiesFor, LIFE_DAYS_MAX, REQUIREMENTS, SECTIONS } from "./facts-policy.ts";
import { type AgentFacts, type AuthorityStanding, judgeAuthority, type StatedClaim } from "./judge-facts.ts";
import { counts, judgeLevel } from "./judge-level.ts";

/** Version of AgentFacts (Grogan, arXiv 2506.13794) that the document follows. */
const STANDARD_VERSION = "1.0";
/** How long a reader may keep the document, seconds. It never outlives the first attestation in it. */
const TTL_SECONDS_MAX = 300;

/** A published claim with what bears it out now. */
export type PublishedClaim = {
  stated: StatedClaim;
  section: string;
  attested: (AuthorityStanding & { authority: Authority })[];
};

export type FactsDocument = { [section: string]: Json } & { verification: { [name: string]: Json } };

/**
 * The claims that anybody may read: those of a public section that are attested now. The level claimed is one
 * of them only while the attestations bear out just that level.
 */
export function publishedClaims(facts: AgentFacts): PublishedClaim[] {
  const { claimed, effective } = judgeLevel(facts);
  return CLAIMS.flatMap((claim) => {
    const section = SECTIONS[claim];
    const stated = facts.claims.find((one) => one.claim === claim);
    if (!section || !stated || (claim === "compliance_level" && claimed !== effective)) return [];
    const attested = authoritiesFor(claim)
      .map((authority) => ({ authority, ...judgeAuthority(facts, claim, authority) }))
      .filter(counts)
      .map((one) => ({ ...one, expiresAt: publishedEnd(one, facts.now) }));
    return attested.length > 0 ? [{ stated, section, attested }] : [];
  });
}

/**
 * The issuing authority's word is given anew with each document and ends with it, so that a copy does not
 * outlive a revocation by more than the document's own life.
 */
function publishedEnd({ attestation, expiresAt }: AuthorityStanding, now: Date): Date | null {
  if (attestation || !expiresAt) return expiresAt;
  const soon = (Math.ceil(now.getTime() / 1000) + TTL_SECONDS_MAX) * 1000;
  return new Date(Math.min(expiresAt.getTime(), soon));
}

/** Whole seconds for which the document may be kept at `now`. */
export function documentTtl(claims: readonly PublishedClaim[], now: Date): number {
  const ends = claims.flatMap(({ attested }) => attested.flatMap((one) => one.expiresAt?.getTime() ?? []));
  const leftMs = Math.min(...ends.map((end) => end - now.getTime()), TTL_SECONDS_MAX * 1000);
  return Math.max(0, Math.floor(leftMs / 1000));
}

/**
 * The public document of an agent's facts, in the sections of AgentFacts 1.0. `verification.signatures` has one
 * entry for each attestation: its digest is SHA-256 over the canonical {agent, claim, value}, where the value is
 * the section's `verified_fields`.
 *
 * @param signatureOf the compact JWS of a published attestation.
 */
export function factsDocument(
  agent: { did: string; name: string; createdAt: Date },
  facts: AgentFacts,
  told: {
    jwksUri: string;
    signatureOf: (claim: PublishedClaim, by: PublishedClaim["attested"][number]) => string;
  },
): FactsDocument {
  const claims = publishedClaims(facts);
  const members = (claim: Claim) =>
    claims.find(({ stated }) => stated.claim === claim)?.stated.value as { [name: string]: Json } | undefined;
  const { effective } = judgeLevel(facts);
  return {
    core_identity: {
      ...{ agent_id: agent.did, name: agent.name, version: STANDARD_VERSION },
      created: agent.createdAt.toISOString(),
      last_updated: lastUpdated(agent.createdAt, facts).toISOString(),
      ttl: documentTtl(claims, facts.now),
    },
    baseline_model: members("baseline_model") ?? {},
    ...optional("classification", members("classification")),
    ...optional("capabilities", members("capabilities")),
    compliance_regulatory: { compliance_level: effective ?? "none" },
    verification: {
      signatures: claims.flatMap((claim) =>
        claim.attested.map((by) => signatureEntry(claim, by, told.signatureOf(claim, by), facts.now)),
      ),
      verification_authorities: verificationAuthorities(claims, told.jwksUri),
      verification_policy: verificationPolicy(),
      signature_algorithms: ["EdDSA"],
    },
  };
}

/** What the document's own signature is over: all of it but that signature. */
export function documentDigest(document: FactsDocument): string {
  const { "x-document": _own, ...verification } = document.verification;
  return sha256Label(canonicalJson({ ...document, verification }));
}

function optional(section: string, value: { [name: string]: Json } | undefined) {
  return value ? { [section]: value } : {};
}

function signatureEntry(
  { stated, section }: PublishedClaim,
  by: PublishedClaim["attested"][number],
  signature: string,
  now: Date,
): Json {
  return {
    authority: by.authority,
    claim: stated.claim,
    digest: stated.digest,
    verified_sections: [section],
    verified_fields: Object.keys(stated.value).sort(),
    algorithm: "EdDSA",
    timestamp: (by.attestation?.attestedAt ?? now).toISOString(),
    expires: by.expiresAt?.toISOString() ?? null,
    signature,
  };
}

function verificationAuthorities(claims: readonly PublishedClaim[], jwksUri: string): Json {
  const names = new Set(claims.flatMap(({ attested }) => attested.map(({ authority }) => authority)));
  return [...names].sort().map((name) => ({ name, jwks_uri: jwksUri }));
}

function verificationPolicy(): Json {
  const level = (one: Level): Json => ({ level: one, requires: REQUIREMENTS[one] as Json });
  return { levels: LEVELS.map(level), attestation_days_max: LIFE_DAYS_MAX };
}

/** The last time that anything about the facts was stated, attested or withdrawn. */
function lastUpdated(createdAt: Date, facts: AgentFacts): Date {
  const times = [
    createdAt,
    ...facts.claims.map((one) => one.statedAt),
    ...facts.attestations.flatMap((one) => [one.attestedAt, ...(one.withdrawn ? [one.withdrawn.at] : [])]),
  ];
  return new Date(Math.max(...times.map((time) => time.getTime())));
}

import { AUTHORITIES, CLAIMS, type Claim, type Level, type PersonAuthority } from "../../facts-schema.ts";
import { PURPOSES } from "../../schema.ts";
import { claimDigest } from "../claim-digest.ts";
import { authoritiesFor } from "../facts-policy.ts";
import type { AgentFacts, Attestation, StatedClaim } from "../judge-facts.ts";
import type { CertifiedKey } from "../judge-identity.ts";

export const DID = "did:bank:agent:a";
export const NOW = new Date("2026-11-25T12:00:00Z");
export const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000);
export const person = (id: string) => ({ id, email: `${id}@bank.example` });

export const VALUES: Record<Claim, StatedClaim["value"]> = {
  core_identity: { agent_id: DID, name: "a", created: "2026-01-01T00:00:00.000Z" },
  owner: { owner_id: "business-owner" },
  baseline_model: { foundation_model: "orchid-9b" },
  classification: {
    ...{ agent_type: "autonomous", operational_level: "supervised", stakeholder_context: "enterprise" },
    ...{ deployment_scope: "internal", interaction_mode: "synchronous" },
  },
  capabilities: { domain_expertise: ["fraud"] },
  data_access: { classification: "confidential", personal_data: true, data_sources: ["cards"] },
  compliance_level: { compliance_level: "platinum" },
};

export function stated(claim: Claim, over: Partial<StatedClaim> = {}): StatedClaim {
  const value = over.value ?? VALUES[claim];
  return {
    ...{ claim, value, digest: claimDigest(DID, claim, value), intact: true },
    ...{ stater: claim === "core_identity" ? ("vigil" as const) : person("stater"), statedAt: minutes(-100) },
    ...over,
  };
}

export function attestation(
  claim: Claim,
  authority: PersonAuthority,
  over: Partial<Attestation> = {},
): Attestation {
  return {
    ...{ id: `${claim}/${authority}`, claim, authority, digest: claimDigest(DID, claim, VALUES[claim]) },
    ...{ attester: person(authority), attestedAt: minutes(-10), expiresAt: minutes(10), jws: "a.b.c" },
    ...{ genuine: true, withdrawn: null },
    ...over,
  };
}

export function liveCertificates(over: Partial<CertifiedKey> = {}): CertifiedKey[] {
  return PURPOSES.map((purpose) => ({
    ...{ purpose, thumbprint: purpose, notBefore: minutes(-60), notAfter: minutes(30), genuine: true },
    ...over,
  }));
}

/** Everything stated and attested by everybody that some level asks, with platinum claimed. */
export function wholeFacts(over: Partial<AgentFacts> = {}): AgentFacts {
  const attestations = CLAIMS.flatMap((claim) =>
    authoritiesFor(claim).flatMap((authority) =>
      authority === "issuing-ca" ? [] : [attestation(claim, authority)],
    ),
  );
  return {
    ...{ claims: CLAIMS.map((claim) => stated(claim)), attestations, ownerId: "business-owner", now: NOW },
    identity: { agent: { status: "active", banned: false, above: [] }, keys: liveCertificates() },
    ...over,
  };
}

/** The facts with one attestation changed. */
export function withAttestation(
  claim: Claim,
  authority: PersonAuthority,
  over: Partial<Attestation>,
  facts = wholeFacts(),
): AgentFacts {
  const attestations = facts.attestations.map((one) =>
    one.claim === claim && one.authority === authority ? { ...one, ...over } : one,
  );
  return { ...facts, attestations };
}

export function withClaim(claim: Claim, over: Partial<StatedClaim>, facts = wholeFacts()): AgentFacts {
  const claims = facts.claims.map((one) => (one.claim === claim ? { ...one, ...over } : one));
  return { ...facts, claims };
}

export const claiming = (level: Level) => stated("compliance_level", { value: { compliance_level: level } });
export const ALL_PAIRS = CLAIMS.flatMap((claim) => AUTHORITIES.map((authority) => ({ claim, authority })));

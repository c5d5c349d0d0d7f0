import { z } from "zod";
import { agentName, readable } from "./schema.ts";

/** Who may attest a claim about an agent: Vigil by what its authorities certify, and people in three capacities. */
export const AUTHORITIES = ["issuing-ca", "business-owner", "compliance", "security-review"] as const;
export type Authority = (typeof AUTHORITIES)[number];
export const PERSON_AUTHORITIES = ["business-owner", "compliance", "security-review"] as const;
export const personAuthority = z.enum(PERSON_AUTHORITIES);
export type PersonAuthority = z.infer<typeof personAuthority>;

/** Levels of compliance, lowest first. */
export const LEVELS = ["bronze", "silver", "gold", "platinum"] as const;
export const level = z.enum(LEVELS);
export type Level = z.infer<typeof level>;

const word = readable(120).pipe(z.string().min(1));
const words = z.array(word).min(1).max(24);

/**
 * What may be claimed of an agent. The members are those of AgentFacts 1.0 (Grogan, arXiv 2506.13794) where it
 * has them. `core_identity` and `owner` are what the register says; the others are stated.
 */
export const CLAIM_VALUES = {
  core_identity: z.strictObject({ agent_id: z.string(), name: agentName, created: z.iso.datetime() }),
  owner: z.strictObject({ owner_id: z.string().min(1).max(64) }),
  baseline_model: z.strictObject({
    foundation_model: word,
    model_version: word.optional(),
    model_provider: word.optional(),
  }),
  classification: z.strictObject({
    agent_type: z.enum(["assistant", "autonomous", "tool", "workflow"]),
    operational_level: z.enum(["ambient", "supervised", "autonomous"]),
    stakeholder_context: z.enum(["enterprise", "consumer", "government"]),
    deployment_scope: z.enum(["internal", "external", "hybrid"]),
    interaction_mode: z.enum(["synchronous", "asynchronous", "batch"]),
  }),
  capabilities: z.strictObject({ domain_expertise: words, external_apis: words.optional() }),
  data_access: z.strictObject({
    classification: z.enum(["public", "internal", "confidential", "restricted"]),
    personal_data: z.boolean(),
    data_sources: words,
  }),
  compliance_level: z.strictObject({ compliance_level: level }),
} as const;

export const CLAIMS = [
  "core_identity",
  "owner",
  "baseline_model",
  "classification",
  "capabilities",
  "data_access",
  "compliance_level",
] as const satisfies readonly (keyof typeof CLAIM_VALUES)[];
export const claim = z.enum(CLAIMS);
export type Claim = z.infer<typeof claim>;

/** Claims whose value is the register's own: stating one of these takes that value and no other. */
export const REGISTER_CLAIMS: readonly Claim[] = ["core_identity", "owner"];

export const claimValue = z.record(z.string().max(40), z.json());
export type ClaimValue = z.infer<typeof claimValue>;

/** Facts that a registration may carry. */
export const registeredFacts = z
  .strictObject({
    baseline_model: CLAIM_VALUES.baseline_model,
    classification: CLAIM_VALUES.classification,
    capabilities: CLAIM_VALUES.capabilities,
    data_access: CLAIM_VALUES.data_access,
    compliance_level: CLAIM_VALUES.compliance_level,
  })
  .partial();
export type RegisteredFacts = z.infer<typeof registeredFacts>;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "sha256: and 64 lower-case hexadecimal digits");
const reason = readable(500).pipe(z.string().min(3, "say why, in a few words"));

export const stateClaimInput = z.object({
  name: agentName,
  claim,
  value: claimValue,
  /** Digest of the value that was on the screen, null where none was: another one in between is a conflict. */
  replaces: digest.nullable(),
});
export type StateClaimInput = z.input<typeof stateClaimInput>;

export const ATTESTATION_DAYS_MAX = 365;
export const attestClaimInput = z.object({
  name: agentName,
  claim,
  /** The digest of the value that the person read: an attestation is for it alone. */
  digest,
  authority: personAuthority,
  /** Life in days; the authority's longest where it is left out. */
  days: z.number().int().min(1).max(ATTESTATION_DAYS_MAX).optional(),
});
export type AttestClaimInput = z.input<typeof attestClaimInput>;

export const withdrawAttestationInput = z.object({ attestationId: z.uuid(), reason });
export type WithdrawAttestationInput = z.input<typeof withdrawAttestationInput>;

/**
 * How an authority stands to a claim now. `other-value`: it attested an earlier value. `invalid`: what is stored
 * is not what was signed. `void`: signed, but it may not count (own claim, one person twice, owner changed).
 */
export const STANDINGS = [
  "attested",
  "expired",
  "withdrawn",
  "other-value",
  "invalid",
  "void",
  "missing",
] as const;
export const standing = z.enum(STANDINGS);
export type Standing = z.infer<typeof standing>;

const check = z.object({ id: z.string(), passed: z.boolean(), detail: z.string() });
const permission = z.object({ allowed: z.boolean(), checks: z.array(check) });

export const authorityView = z.object({
  authority: z.enum(AUTHORITIES),
  standing,
  /** The standing in a whole sentence. */
  detail: z.string(),
  attestationId: z.uuid().nullable(),
  attestedBy: z.string().nullable(),
  attestedAt: z.date().nullable(),
  expiresAt: z.date().nullable(),
  /** What the viewer may do here, with reasons. Null for what no person does. */
  mayAttest: permission.nullable(),
  mayWithdraw: z.boolean(),
});
export type AuthorityView = z.infer<typeof authorityView>;

export const claimView = z.object({
  claim,
  value: claimValue.nullable(),
  digest: digest.nullable(),
  /** Whether the public document shows it once it is attested. */
  published: z.boolean(),
  statedBy: z.string().nullable(),
  statedAt: z.date().nullable(),
  authorities: z.array(authorityView),
});
export type ClaimView = z.infer<typeof claimView>;

export const levelView = z.object({
  /** What the agent's people claim; never to be shown as what the agent has. */
  claimed: level.nullable(),
  /** What the attestations that count now bear out. */
  effective: level.nullable(),
  steps: z.array(z.object({ level, reached: z.boolean(), checks: z.array(check) })),
});
export type LevelView = z.infer<typeof levelView>;

export const factsView = z.object({
  agent: agentName,
  ownerId: z.string().nullable(),
  ownerEmail: z.string().nullable(),
  level: levelView,
  claims: z.array(claimView),
  /** The longest life of each authority's attestations, days. */
  daysMax: z.record(personAuthority, z.number().int()),
});
export type FactsView = z.infer<typeof factsView>;

export const LEVELS_PAGE_MAX = 100;
export const readLevelsInput = z.object({ names: z.array(agentName).min(1).max(LEVELS_PAGE_MAX) });
export const agentLevel = z.object({ agent: agentName, effective: level.nullable() });
export type AgentLevel = z.infer<typeof agentLevel>;

import {
  AUTHORITIES,
  type Authority,
  CLAIMS,
  type Claim,
  LEVELS,
  type Level,
  type PersonAuthority,
} from "../facts-schema.ts";

/** The longest life of an attestation, days: after it a person must look again. */
export const LIFE_DAYS_MAX: Record<PersonAuthority, number> = {
  "business-owner": 365,
  compliance: 180,
  "security-review": 90,
};

/** What each level wants beside all that the levels below it want: these authorities for these claims. */
export const REQUIREMENTS: Record<Level, Partial<Record<Claim, readonly Authority[]>>> = {
  bronze: {
    core_identity: ["issuing-ca"],
    owner: ["business-owner"],
    baseline_model: ["business-owner"],
  },
  silver: {
    capabilities: ["business-owner"],
    data_access: ["business-owner", "compliance"],
  },
  gold: {
    baseline_model: ["security-review"],
    classification: ["compliance"],
    capabilities: ["security-review"],
    compliance_level: ["compliance"],
  },
  platinum: {
    classification: ["business-owner"],
    data_access: ["security-review"],
    compliance_level: ["business-owner", "security-review"],
  },
};

/** Where the public document has a claim (sections of AgentFacts 1.0); null for what stays inside the bank. */
export const SECTIONS: Record<Claim, string | null> = {
  core_identity: "core_identity",
  owner: null,
  baseline_model: "baseline_model",
  classification: "classification",
  capabilities: "capabilities",
  data_access: null,
  compliance_level: "compliance_regulatory",
};

/** The authorities that some level wants for a claim: those who may attest it. */
export function authoritiesFor(claim: Claim): readonly Authority[] {
  const wanted = LEVELS.flatMap((level) => REQUIREMENTS[level][claim] ?? []);
  return AUTHORITIES.filter((authority) => wanted.includes(authority));
}

/** A level's own requirements, in the claims' order. */
export function requirementsOf(level: Level): { claim: Claim; authority: Authority }[] {
  return CLAIMS.flatMap((claim) =>
    (REQUIREMENTS[level][claim] ?? []).map((authority) => ({ claim, authority })),
  );
}

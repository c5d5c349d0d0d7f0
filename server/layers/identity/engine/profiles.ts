import "reflect-metadata";
import { ExtendedKeyUsage, type JsonGeneralNames, KeyUsageFlags } from "@peculiar/x509";
import type { Issuer, Purpose } from "../schema.ts";
import { agentCallbackHost, agentDid, agentSpiffeId } from "./names.ts";

/** RFC 9336: general-purpose document signing. */
export const EKU_DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36";
/** UUID-derived arc (ITU-T X.667), so that no TLS library takes an encryption certificate for a server's. */
export const EKU_AGENT_ENCRYPTION = "2.25.324839618678792234318265737673018317265";

export type KeyType = "P-256" | "Ed25519";

/** What a leaf of one purpose holds (RFC 5280), whom it names, how long it lives, which keys it may certify. */
export type Profile = {
  keyUsage: number;
  extendedKeyUsage: readonly string[];
  keyTypes: readonly KeyType[];
  lifeMs: number;
  names: (agent: string) => JsonGeneralNames;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const { digitalSignature, nonRepudiation, keyAgreement } = KeyUsageFlags;
const { clientAuth, serverAuth } = ExtendedKeyUsage;

export const PROFILES: Record<Purpose, Profile> = {
  transport: {
    keyUsage: digitalSignature,
    extendedKeyUsage: [clientAuth, serverAuth],
    keyTypes: ["P-256", "Ed25519"],
    lifeMs: 24 * HOUR_MS,
    names: (agent) => [{ type: "url", value: agentSpiffeId(agent) }],
  },
  signature: {
    keyUsage: digitalSignature | nonRepudiation,
    extendedKeyUsage: [EKU_DOCUMENT_SIGNING],
    keyTypes: ["Ed25519", "P-256"],
    lifeMs: 30 * DAY_MS,
    names: (agent) => [{ type: "url", value: agentDid(agent) }],
  },
  oauth: {
    keyUsage: digitalSignature,
    extendedKeyUsage: [clientAuth],
    keyTypes: ["P-256", "Ed25519"],
    lifeMs: 90 * DAY_MS,
    names: (agent) => [{ type: "url", value: agentDid(agent) }],
  },
  callback: {
    keyUsage: digitalSignature,
    extendedKeyUsage: [serverAuth],
    keyTypes: ["P-256", "Ed25519"],
    lifeMs: 90 * DAY_MS,
    names: (agent) => [{ type: "dns", value: agentCallbackHost(agent) }],
  },
  encryption: {
    keyUsage: keyAgreement,
    extendedKeyUsage: [EKU_AGENT_ENCRYPTION],
    keyTypes: ["P-256"],
    lifeMs: 90 * DAY_MS,
    names: (agent) => [{ type: "url", value: agentDid(agent) }],
  },
};

/** Vigil's own doors: a TLS server and nothing else. */
export const DOOR_PROFILE = {
  keyUsage: digitalSignature,
  extendedKeyUsage: [serverAuth],
  lifeMs: 90 * DAY_MS,
};

/** An authority certifies for the purposes of its leaves alone: verifiers apply its EKU to all below it. */
export function issuerKeyUsages(issuer: Issuer): readonly string[] {
  return issuer === "server" ? DOOR_PROFILE.extendedKeyUsage : PROFILES[issuer].extendedKeyUsage;
}

export const ROOT_LIFE_MS = 10 * 365 * DAY_MS;
export const ISSUER_LIFE_MS = 3 * 365 * DAY_MS;
/** Clocks differ: a certificate counts from a little before it was made. */
export const BACKDATE_MS = 5 * 60_000;

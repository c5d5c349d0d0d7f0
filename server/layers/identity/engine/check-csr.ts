import "reflect-metadata";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsagesExtension,
  type Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
} from "@peculiar/x509";
import type { Check, Decision } from "../../../kernel/decision.ts";
import type { Purpose } from "../schema.ts";
import { PROFILES, type Profile } from "./profiles.ts";
import type { Csr } from "./read-csr.ts";

/** PKCS #9 extensionRequest: the one attribute a request may carry. */
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

/**
 * Whether this request may become a certificate of its purpose for this agent. The certificate's contents
 * come from the profile, never from the request; a request for anything more is refused, not trimmed.
 *
 * @param keyInUse whether any credential, of any agent and purpose, was ever given for this key.
 */
export function checkCsr(facts: {
  csr: Csr | null;
  agent: string;
  purpose: Purpose;
  keyInUse: boolean;
}): Decision {
  const { csr, agent, purpose } = facts;
  if (!csr) return deny("csr-readable", "This is not a PEM certificate request (PKCS #10).");
  const profile = PROFILES[purpose];
  const excess = askedTooMuch(csr.request, profile, agent);
  const checks: Check[] = [
    {
      id: "csr-readable",
      passed: true,
      detail: "The request is well formed.",
    },
    {
      id: "key-possession",
      passed: csr.proven,
      detail: csr.proven
        ? "The request is signed by the key it names."
        : "The request's signature does not verify: the requester has not shown that it holds the key.",
    },
    {
      id: "key-type",
      passed: csr.keyType !== null && profile.keyTypes.includes(csr.keyType),
      detail: `A ${purpose} key is ${profile.keyTypes.join(" or ")}; this one is ${csr.keyType ?? "another kind"}.`,
    },
    {
      id: "key-once",
      passed: !facts.keyInUse,
      detail: facts.keyInUse
        ? "This key already has a certificate. Every purpose and every renewal has a key of its own: make a new one."
        : "The key is new.",
    },
    {
      id: "within-profile",
      passed: excess === null,
      detail: excess ?? `The request asks for nothing beyond the ${purpose} profile.`,
    },
  ];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

/**
 * Whether a key's certificate is the answer to this very request, asked again because the answer was lost: same holder,
 * same purpose, key proven again, and the certificate still counts.
 */
export function isAskedAgain(
  held: { agentId: string; purpose: string; status: string } | null,
  asked: { agentId: string; purpose: string; csr: Csr | null },
): boolean {
  return (
    held?.agentId === asked.agentId &&
    held.purpose === asked.purpose &&
    held.status === "active" &&
    asked.csr?.proven === true
  );
}

function deny(id: string, detail: string): Decision {
  return { outcome: "deny", checks: [{ id, passed: false, detail }] };
}

/** The first thing that goes beyond the profile, as a sentence; null where nothing does. */
function askedTooMuch(request: Pkcs10CertificateRequest, profile: Profile, agent: string): string | null {
  const subject = request.subject;
  if (subject !== "" && subject !== `CN=${agent}`) return `The subject must be empty or CN=${agent}.`;
  const attribute = request.attributes.find((each) => each.type !== EXTENSION_REQUEST);
  if (attribute) return `The attribute ${attribute.type} is not accepted.`;
  for (const extension of request.extensions) {
    const excess = extensionExcess(extension, profile, agent);
    if (excess) return excess;
  }
  return null;
}

function extensionExcess(extension: Extension, profile: Profile, agent: string): string | null {
  if (extension instanceof BasicConstraintsExtension)
    return extension.ca ? "An agent's certificate cannot be an authority (CA:true)." : null;
  if (extension instanceof KeyUsagesExtension)
    return (extension.usages & ~profile.keyUsage) === 0
      ? null
      : "The key usages go beyond the profile of this purpose.";
  if (extension instanceof ExtendedKeyUsageExtension) {
    const allowed = profile.extendedKeyUsage.map(asParsed);
    const more = extension.usages.find((usage) => !allowed.includes(String(usage)));
    return more ? `The extended key usage ${more} is not part of this purpose.` : null;
  }
  if (extension instanceof SubjectAlternativeNameExtension) {
    const allowed = profile.names(agent);
    const other = extension.names.items.find(
      (name) => !allowed.some((each) => each.type === name.type && each.value === name.value),
    );
    return other ? `The name ${other.type}:${other.value} does not belong to this agent and purpose.` : null;
  }
  return `The extension ${extension.type} is not accepted.`;
}

/** The parser writes arcs beyond 64 bits in a form of its own: both sides are compared in that form. */
function asParsed(oid: string): string {
  return String(new ExtendedKeyUsageExtension(new ExtendedKeyUsageExtension([oid]).rawData).usages[0]);
}

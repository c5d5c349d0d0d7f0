import type { Check, Decision } from "../../../../kernel/decision.ts";
import type { Purpose } from "../../schema.ts";
import { buildPath, type Path } from "./build-path.ts";
import { checkAuthority } from "./check-authority.ts";
import { checkNameConstraints } from "./check-name-constraints.ts";
import { checkLeafNames } from "./check-names.ts";
import { checkPath } from "./check-path.ts";
import { checkPurpose } from "./check-purpose.ts";
import { checkRevocation } from "./check-revocation.ts";
import { checkOf } from "./findings.ts";
import { type Certificate, readCertificate } from "./read-certificate.ts";
import { type Crl, readCrl } from "./read-crl.ts";

/** Everything a verdict over a certificate rests on, as DER. */
export type ChainFacts = {
  /** Attacker-controlled, as are the intermediates. */
  leaf: Uint8Array;
  intermediates: readonly Uint8Array[];
  /** Authorities that the judge knows itself, however many: each of them must still chain to an anchor. */
  known?: readonly Uint8Array[];
  /** Trusted as they are; what a join token pinned, or what the set-up made. */
  anchors: readonly Uint8Array[];
  crls: readonly Uint8Array[];
  expected: {
    purpose: Purpose;
    /** The agent that must be named; null where any agent of the bank will do. */
    agent: string | null;
  };
  now: Date;
};

/** Every check of a chain, always all of them, in the order in which they are told. */
export const CHAIN_CHECKS = [
  "readable",
  "chain",
  "signatures",
  "names",
  "key-ids",
  "validity",
  "within-issuer",
  "version",
  "serial",
  "signature-algorithm",
  "key-strength",
  "critical-extensions",
  "basic-constraints",
  "path-length",
  "name-constraints",
  "key-usage",
  "extended-key-usage",
  "subject-alternative-name",
  "identity",
  "crl-present",
  "crl-fresh",
  "crl-signed",
  "not-revoked",
] as const;

/** A peer chooses how many certificates it sends along. */
const INTERMEDIATES_MAX = 16;

export type ChainVerdict = Decision & {
  /** The leaf, then what vouches for it; empty where the leaf cannot be read. */
  path: Certificate[];
};

/**
 * Whether a certificate holds (RFC 5280 §6, SPIFFE X.509-SVID) for this purpose and agent at `now`, with every check
 * evaluated. Malformed input is a failed check, never an exception.
 */
export function validateChain(facts: ChainFacts): ChainVerdict {
  const read = readAll(facts);
  if (read.leaf === null) return unreadable(read.faults);
  const path = buildPath(read.leaf, read.intermediates, read.anchors);
  const checks = [
    checkOf("readable", read.faults, "Certificates and revocation lists are well-formed DER."),
    ...checksOf(path, read.crls, facts),
  ];
  return {
    outcome: checks.every((check) => check.passed) ? "allow" : "deny",
    checks,
    path: path.certificates,
  };
}

function checksOf(path: Path, crls: readonly Crl[], { expected, now }: ChainFacts): Check[] {
  return [
    ...checkPath(path, now),
    ...checkAuthority(path),
    checkNameConstraints(path),
    ...checkPurpose(path, expected.purpose),
    ...checkLeafNames(path.certificates[0], expected),
    ...checkRevocation(path, crls, now),
  ];
}

type Read = {
  leaf: Certificate | null;
  intermediates: Certificate[];
  anchors: Certificate[];
  crls: Crl[];
  faults: string[];
};

function readAll(facts: ChainFacts): Read {
  const faults: string[] = [];
  const keep = <T extends object>(what: string, result: T | string): T[] => {
    if (typeof result !== "string") return [result];
    faults.push(`${what} cannot be read: ${result}`);
    return [];
  };
  if (facts.intermediates.length > INTERMEDIATES_MAX)
    faults.push(`${facts.intermediates.length} certificates were sent along; ${INTERMEDIATES_MAX} are read.`);
  const [leaf = null] = keep("The certificate", readCertificate(facts.leaf));
  return {
    leaf,
    intermediates: [
      ...facts.intermediates
        .slice(0, INTERMEDIATES_MAX)
        .flatMap((der) => keep("A certificate sent along", readCertificate(der))),
      ...(facts.known ?? []).flatMap((der) => keep("An authority's certificate", readCertificate(der))),
    ],
    anchors: facts.anchors.flatMap((der) => keep("A trust anchor", readCertificate(der))),
    crls: facts.crls.flatMap((der) => keep("A revocation list", readCrl(der))),
    faults,
  };
}

/** Of a certificate that cannot be read nothing holds. */
function unreadable(faults: readonly string[]): ChainVerdict {
  const checks = CHAIN_CHECKS.map((id) =>
    checkOf(id, id === "readable" ? faults : ["The certificate cannot be read."], ""),
  );
  return { outcome: "deny", checks, path: [] };
}

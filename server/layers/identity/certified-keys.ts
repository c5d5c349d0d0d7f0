import { X509Certificate } from "node:crypto";
import { base64url, sha256 } from "../../kernel/hash.ts";
import { remember } from "../../kernel/remember.ts";
import type { CertifiedKey } from "./engine/judge-identity.ts";
import { PROFILES } from "./engine/profiles.ts";
import type { Purpose } from "./schema.ts";
import type { CredentialRow } from "./store.ts";

const CERTIFICATES_MAX = 20_000;

type Question = {
  agent: string;
  credential: Pick<CredentialRow, "certificatePem" | "purpose" | "thumbprint">;
  authority: { purpose: string; certificatePem: string } | undefined;
  rootPem: string | undefined;
};

/**
 * What a stored certificate itself says, and whether it may be believed: it is the one its row names, it
 * names this agent as its purpose does, the purpose's authority signed it and the root that authority.
 */
export function certifiedKey(question: Question): CertifiedKey {
  return read(question);
}

const read = remember(
  ({ agent, credential, authority, rootPem }: Question): CertifiedKey => {
    const purpose = credential.purpose as Purpose;
    const certificate = parse(credential.certificatePem);
    const issuer = parse(authority?.certificatePem);
    const root = parse(rootPem);
    if (!certificate)
      return { purpose, thumbprint: "", notBefore: new Date(0), notAfter: new Date(0), genuine: false };
    const thumbprint = base64url(sha256(certificate.raw));
    return {
      purpose,
      thumbprint,
      notBefore: certificate.validFromDate,
      notAfter: certificate.validToDate,
      genuine:
        thumbprint === credential.thumbprint &&
        certificate.subjectAltName === subjectAltName(purpose, agent) &&
        authority?.purpose === purpose &&
        signedBy(certificate, issuer) &&
        signedBy(issuer, root) &&
        signedBy(root, root),
    };
  },
  ({ agent, credential, authority, rootPem }) =>
    sha256(
      JSON.stringify([agent, credential.purpose, credential.thumbprint, credential.certificatePem]),
      JSON.stringify([authority?.purpose, authority?.certificatePem, rootPem]),
    ).toString("base64url"),
  CERTIFICATES_MAX,
);

function signedBy(certificate: X509Certificate | null, issuer: X509Certificate | null): boolean {
  return Boolean(
    certificate && issuer && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey),
  );
}

/** The one name of the purpose's profile, as Node writes subject alternative names. */
function subjectAltName(purpose: Purpose, agent: string): string {
  return PROFILES[purpose]
    .names(agent)
    .map(({ type, value }) => `${type === "dns" ? "DNS" : "URI"}:${value}`)
    .join(", ");
}

function parse(pem: string | undefined): X509Certificate | null {
  try {
    return pem ? new X509Certificate(pem) : null;
  } catch {
    return null;
  }
}

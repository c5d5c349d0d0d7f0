import "reflect-metadata";
import { createHash, X509Certificate } from "node:crypto";
import { ExtendedKeyUsage } from "@peculiar/x509";

/** A forwarded certificate that an anchor signed, or why it does not count. What was read of one that fails is kept for the record. */
export type CheckedCertificate =
  | { ok: true; certificate: X509Certificate; thumbprint: string }
  | { ok: false; code: string; message: string; certificate?: X509Certificate };

/**
 * Verifies again what a hop says it verified: exactly one certificate, no authority's, made for TLS clients, signed by
 * one of the anchors, and no other than the hash that came with it. Its times are asked apart, at each request.
 *
 * @param hash hex SHA-256 that the hop stated; null where it stated none.
 */
export function checkForwardedCertificate(
  { der, hash }: { der: Buffer; hash: string | null },
  anchors: readonly X509Certificate[],
): CheckedCertificate {
  const certificate = parse(der);
  if (!certificate)
    return {
      ok: false,
      code: "client_certificate_header_malformed",
      message: "That is no X.509 certificate.",
    };
  const no = (code: string, message: string) => ({ ok: false, code, message, certificate }) as const;
  const sha256 = createHash("sha256").update(der).digest();
  if (hash !== null && hash !== sha256.toString("hex"))
    return no("client_certificate_header_malformed", "The stated hash is another certificate's.");
  if (!anchors.some((anchor) => signedBy(certificate, anchor)))
    return no("certificate_untrusted", "The forwarded certificate is not of the transport authority.");
  // Node calls the list of extended key usages `keyUsage`.
  if (certificate.ca || !certificate.keyUsage?.includes(ExtendedKeyUsage.clientAuth))
    return no("certificate_purpose_wrong", "The forwarded certificate is not for TLS clients.");
  return { ok: true, certificate, thumbprint: sha256.toString("base64url") };
}

/** Whether a certificate counts at this instant: `certificate_expired` where not. */
export function isInTime(certificate: X509Certificate, now: Date): boolean {
  return certificate.validFromDate <= now && now < certificate.validToDate;
}

function parse(der: Buffer): X509Certificate | null {
  try {
    const certificate = new X509Certificate(der);
    return certificate.raw.equals(der) ? certificate : null;
  } catch {
    return null;
  }
}

function signedBy(certificate: X509Certificate, anchor: X509Certificate): boolean {
  try {
    return certificate.checkIssued(anchor) && certificate.verify(anchor.publicKey);
  } catch {
    return false;
  }
}

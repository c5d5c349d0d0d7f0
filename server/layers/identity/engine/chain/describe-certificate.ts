import { base64url, sha256 } from "../../../../kernel/hash.ts";
import type { CertificateFields } from "../../certificate-schema.ts";
import { judgeKey, signatureName } from "./algorithms.ts";
import { plain } from "./general-names.ts";
import { extendedUsageName, keyUsageNames } from "./key-usage.ts";
import type { Certificate } from "./read-certificate.ts";

/** What a certificate says, for people: `openssl x509 -text` in one object. */
export function describeCertificate(certificate: Certificate): CertificateFields {
  const { extensions } = certificate;
  const digest = sha256(certificate.raw);
  return {
    subject: plain(certificate.subjectText),
    issuer: plain(certificate.issuerText),
    serial: certificate.serial.toString("hex"),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    names: (extensions.names ?? []).map(
      ({ type, value }) => `${type === "url" ? "URI" : type.toUpperCase()}:${plain(value)}`,
    ),
    keyUsage: keyUsageNames(extensions.keyUsage ?? 0),
    extendedKeyUsage: (extensions.extendedKeyUsage ?? []).map(extendedUsageName),
    authority: extensions.basicConstraints?.ca ?? false,
    pathLength: extensions.basicConstraints?.pathLength ?? null,
    key: judgeKey(certificate.key).name,
    signature: signatureName(certificate.algorithm) ?? certificate.algorithm,
    authorityKeyId: extensions.authorityKeyId,
    subjectKeyId: extensions.subjectKeyId,
    thumbprintHex: digest.toString("hex"),
    thumbprint: base64url(digest),
  };
}

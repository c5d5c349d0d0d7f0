import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { ensure } from "../../../kernel/ensure.ts";

export const ECDSA_P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Who signs: the authority's certificate (null for the root itself) and its private key. */
export type Signer = { certificatePem: string | null; key: CryptoKey };

export type CertificateRequest = {
  /** Positive, at most 20 octets, lower-case hex (RFC 5280 §4.1.2.2). */
  serial: string;
  commonName: string;
  publicKeySpki: Uint8Array;
  notBefore: Date;
  notAfter: Date;
} & (
  | { kind: "leaf"; keyUsage: number; extendedKeyUsage: readonly string[]; names: JsonGeneralNames }
  | { kind: "authority"; pathLength: number; extendedKeyUsage: readonly string[] }
);

/**
 * Makes and signs a certificate, v3, with SKI and AKI, key usage and basic constraints critical.
 * Its life never goes past its issuer's.
 */
export async function buildCertificate(signer: Signer, wanted: CertificateRequest): Promise<X509Certificate> {
  const issuer = signer.certificatePem ? new X509Certificate(signer.certificatePem) : null;
  const notAfter = issuer && issuer.notAfter < wanted.notAfter ? issuer.notAfter : wanted.notAfter;
  ensure(wanted.notBefore < notAfter, "the issuer is still valid");
  const extensions: Extension[] = [
    ...usageExtensions(wanted),
    await SubjectKeyIdentifierExtension.create(wanted.publicKeySpki as Uint8Array<ArrayBuffer>),
    issuer
      ? new AuthorityKeyIdentifierExtension(subjectKeyId(issuer))
      : await AuthorityKeyIdentifierExtension.create(wanted.publicKeySpki as Uint8Array<ArrayBuffer>),
  ];
  return X509CertificateGenerator.create({
    serialNumber: wanted.serial,
    subject: commonName(wanted.commonName),
    issuer: issuer ? issuer.subjectName : commonName(wanted.commonName),
    notBefore: issuer && issuer.notBefore > wanted.notBefore ? issuer.notBefore : wanted.notBefore,
    notAfter,
    publicKey: wanted.publicKeySpki as Uint8Array<ArrayBuffer>,
    signingKey: signer.key,
    signingAlgorithm: ECDSA_P256,
    extensions,
  });
}

function usageExtensions(wanted: CertificateRequest): Extension[] {
  const extended =
    wanted.extendedKeyUsage.length > 0 ? [new ExtendedKeyUsageExtension([...wanted.extendedKeyUsage])] : [];
  if (wanted.kind === "authority")
    return [
      new BasicConstraintsExtension(true, wanted.pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ...extended,
    ];
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(wanted.keyUsage, true),
    ...extended,
    new SubjectAlternativeNameExtension(wanted.names),
  ];
}

function commonName(name: string): { CN: string[] }[] {
  return [{ CN: [name] }];
}

/** The subject key identifier of an authority's certificate, lower-case hex (RFC 5280 §4.2.1.2). */
export function subjectKeyIdOf(certificatePem: string): string {
  return subjectKeyId(new X509Certificate(certificatePem)).toLowerCase();
}

function subjectKeyId(certificate: X509Certificate): string {
  const extension = certificate.getExtension(SubjectKeyIdentifierExtension);
  ensure(extension, "an authority's certificate has a subject key identifier");
  return extension.keyId;
}

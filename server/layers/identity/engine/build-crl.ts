import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  Extension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CrlGenerator,
  X509CrlReason,
} from "@peculiar/x509";
import { ensure, present } from "../../../kernel/ensure.ts";
import { ECDSA_P256, type Signer } from "./build-certificate.ts";

const CRL_NUMBER = "2.5.29.20";

/** A reason of ours as RFC 5280 §5.3.1 names it. */
const REASONS: Record<string, X509CrlReason> = {
  superseded: X509CrlReason.superseded,
  "re-enrolled": X509CrlReason.superseded,
  "key-compromise": X509CrlReason.keyCompromise,
  retired: X509CrlReason.cessationOfOperation,
  banned: X509CrlReason.privilegeWithdrawn,
  "authority-revoked": X509CrlReason.cACompromise,
};

/** A revocation list (RFC 5280 §5), as DER: the authority's revoked certificates that have not ended by themselves. */
export async function buildCrl(
  signer: Signer,
  list: {
    number: number;
    thisUpdate: Date;
    nextUpdate: Date;
    revoked: readonly { serial: string; revokedAt: Date; reason: string | null }[];
  },
): Promise<Buffer> {
  const issuer = new X509Certificate(present(signer.certificatePem, "the authority's certificate"));
  const subjectKey = present(issuer.getExtension(SubjectKeyIdentifierExtension), "the authority's key id");
  const crl = await X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: list.thisUpdate,
    nextUpdate: list.nextUpdate,
    signingKey: signer.key,
    signingAlgorithm: ECDSA_P256,
    extensions: [
      new AuthorityKeyIdentifierExtension(subjectKey.keyId),
      new Extension(CRL_NUMBER, false, derInteger(list.number)),
    ],
    entries: list.revoked.map(({ serial, revokedAt, reason }) => ({
      serialNumber: serial,
      revocationDate: revokedAt,
      reason: REASONS[reason ?? ""] ?? X509CrlReason.unspecified,
    })),
  });
  return Buffer.from(crl.rawData);
}

/** A positive whole number as a DER INTEGER (X.690 §8.3): fewest octets, sign bit clear. */
function derInteger(value: number): Uint8Array<ArrayBuffer> {
  ensure(Number.isSafeInteger(value) && value >= 0, "a CRL number is a whole number");
  const hex = value.toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  const octets = Number.parseInt(even.slice(0, 2), 16) > 0x7f ? `00${even}` : even;
  return new Uint8Array(
    Buffer.from(`02${(octets.length / 2).toString(16).padStart(2, "0")}${octets}`, "hex"),
  );
}

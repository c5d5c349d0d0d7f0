import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  Extension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CrlReason,
} from "@peculiar/x509";
import { ensure, present } from "../../../kernel/ensure.ts";
import { ECDSA_P256, type Signer } from "./build-certificate.ts";
import { der, derInteger, derSignature, derTime, sequence } from "./der.ts";

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

const REASON_CODE = der(0x06, Buffer.from("551d15", "hex"));
const ECDSA_WITH_SHA256 = sequence(der(0x06, Buffer.from("2a8648ce3d040302", "hex")));

/**
 * A revocation list (RFC 5280 §5), as DER: the authority's revoked certificates that have not ended by themselves.
 * The entries are encoded here: after a bad day there are thousands, and a general encoder takes seconds for them.
 */
export async function buildCrl(
  signer: Signer,
  list: {
    number: number;
    thisUpdate: Date;
    nextUpdate: Date;
    revoked: readonly { serial: string; revokedAt: Date; reason: string | null }[];
  },
): Promise<Buffer> {
  ensure(Number.isSafeInteger(list.number) && list.number >= 0, "a CRL number is a whole number");
  const issuer = new X509Certificate(present(signer.certificatePem, "the authority's certificate"));
  const subjectKey = present(issuer.getExtension(SubjectKeyIdentifierExtension), "the authority's key id");
  const extensions = [
    new AuthorityKeyIdentifierExtension(subjectKey.keyId),
    new Extension(CRL_NUMBER, false, new Uint8Array(derInteger(list.number.toString(16)))),
  ].map((extension) => new Uint8Array(extension.rawData));
  const body = sequence(
    derInteger("1"),
    ECDSA_WITH_SHA256,
    new Uint8Array(issuer.subjectName.toArrayBuffer()),
    derTime(list.thisUpdate),
    derTime(list.nextUpdate),
    // A list without entries has no sequence of them (RFC 5280 §5.1.2.6).
    ...(list.revoked.length > 0 ? [sequence(...list.revoked.map(entry))] : []),
    der(0xa0, sequence(...extensions)),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(ECDSA_P256, signer.key, new Uint8Array(body)));
  const noUnusedBits = Buffer.from([0]);
  return sequence(body, ECDSA_WITH_SHA256, der(0x03, noUnusedBits, derSignature(signature)));
}

/** One revoked certificate. A reason that is not known is left out, as RFC 5280 §5.3.1 asks. */
function entry({
  serial,
  revokedAt,
  reason,
}: {
  serial: string;
  revokedAt: Date;
  reason: string | null;
}): Buffer {
  const code = REASONS[reason ?? ""];
  const said = code === undefined ? [] : [sequence(REASON_CODE, der(0x04, der(0x0a, Buffer.from([code]))))];
  return sequence(derInteger(serial), derTime(revokedAt), ...(said.length > 0 ? [sequence(...said)] : []));
}

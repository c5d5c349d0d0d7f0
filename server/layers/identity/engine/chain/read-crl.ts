import {
  type Der,
  DerFault,
  integerOctets,
  listOf,
  partsOf,
  readDer,
  smallInteger,
  TAG,
  timeOf,
} from "../../../../kernel/der.ts";
import { nameText } from "./general-names.ts";
import { algorithmId, signedParts } from "./read-certificate.ts";
import { EXTENSION, type Extension, extensionList, readAuthorityKeyId } from "./read-extensions.ts";

/** A revocation list taken apart (RFC 5280 §5.1). */
export type Crl = {
  tbs: Buffer;
  signature: Buffer;
  algorithm: string;
  algorithmsAgree: boolean;
  version: number;
  issuer: Buffer;
  issuerText: string;
  authorityKeyId: string | null;
  thisUpdate: Date;
  nextUpdate: Date | null;
  /** Critical extensions, of the list or of an entry, that are not understood. */
  unknownCritical: string[];
  /** Why each serial (hex octets) is revoked, and since when. */
  revoked: ReadonlyMap<string, { at: Date; reason: string }>;
};

export const CRL_BYTES_MAX = 4 * 1024 * 1024;
const CRL_EXTENSIONS = 0xa0;
const REASON_CODE = "2.5.29.21";
const REASONS = [
  "unspecified",
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "certificateHold",
  "(7)",
  "removeFromCRL",
  "privilegeWithdrawn",
  "aACompromise",
];

/**
 * Takes a DER revocation list apart, strictly. The bytes are attacker-controlled.
 *
 * @returns the list, or a sentence that says why it is none; never throws.
 */
export function readCrl(der: Uint8Array): Crl | string {
  if (der.length > CRL_BYTES_MAX) return `It has ${der.length} bytes; at most ${CRL_BYTES_MAX} are read.`;
  try {
    return read(readDer(der));
  } catch (error) {
    if (error instanceof DerFault) return error.message;
    throw error;
  }
}

function read(value: Der): Crl {
  const { tbs, algorithm, signature } = signedParts(value, "The list");
  const parts = partsOf(tbs, TAG.sequence, "What is signed");
  const version = parts.maybe(TAG.integer);
  const innerAlgorithm = parts.take(TAG.sequence, "The inner algorithm");
  const issuer = parts.take(TAG.sequence, "The issuer");
  const thisUpdate = timeOf(parts.any("thisUpdate"), "thisUpdate");
  const next = parts.maybe(TAG.utcTime) ?? parts.maybe(TAG.generalizedTime);
  const entries = (parts.maybe(TAG.sequence) ?? null) as Der | null;
  const wrapped = parts.maybe(CRL_EXTENSIONS);
  parts.end("What is signed");
  const extensions = wrapped ? extensionList(readDer(wrapped.content)) : [];
  const revoked = entries ? listOf(entries, TAG.sequence, "The entries").map(readEntry) : [];
  const keyId = extensions.find((each) => each.oid === EXTENSION.authorityKeyId);
  return {
    ...{ tbs: tbs.raw, signature, thisUpdate },
    algorithm: algorithmId(algorithm),
    algorithmsAgree: algorithm.raw.equals(innerAlgorithm.raw),
    version: version ? 1 + smallInteger(version, "The version") : 1,
    issuer: issuer.raw,
    issuerText: nameText(issuer),
    authorityKeyId: keyId ? readAuthorityKeyId(readDer(keyId.value)) : null,
    nextUpdate: next && timeOf(next, "nextUpdate"),
    unknownCritical: [
      ...criticalBut(extensions, EXTENSION.authorityKeyId),
      ...revoked.flatMap((entry) => entry.unknownCritical),
    ],
    revoked: new Map(revoked.map(({ serial, at, reason }) => [serial, { at, reason }])),
  };
}

function readEntry(value: Der) {
  const parts = partsOf(value, TAG.sequence, "An entry");
  const serial = integerOctets(parts.take(TAG.integer, "An entry's serial"), "An entry's serial");
  const at = timeOf(parts.any("An entry's date"), "An entry's date");
  const more = parts.maybe(TAG.sequence);
  parts.end("An entry");
  const extensions = more ? extensionList(more) : [];
  const code = extensions.find((each) => each.oid === REASON_CODE);
  const unknownCritical = criticalBut(extensions, REASON_CODE);
  return { serial: serial.toString("hex"), at, reason: reasonOf(code), unknownCritical };
}

function reasonOf(extension: Extension | undefined): string {
  if (!extension) return "unspecified";
  const value = readDer(extension.value);
  if (value.tag !== TAG.enumerated || value.content.length !== 1)
    throw new DerFault("An entry's reason is none.");
  const code = value.content.readUInt8(0);
  return REASONS[code] ?? `(${code})`;
}

function criticalBut(extensions: readonly Extension[], understood: string): string[] {
  return extensions.filter((each) => each.critical && each.oid !== understood).map((each) => each.oid);
}

import type { KeyObject } from "node:crypto";
import {
  type Der,
  DerFault,
  integerOctets,
  oidOf,
  partsOf,
  readDer,
  smallInteger,
  TAG,
  timeOf,
  wholeBits,
} from "../../../../kernel/der.ts";
import { readKey } from "./algorithms.ts";
import { nameText } from "./general-names.ts";
import { type Extensions, extensionList, readExtensions } from "./read-extensions.ts";

/** A certificate taken apart (RFC 5280 §4.1). Every member is its issuer's word until the chain is checked. */
export type Certificate = {
  raw: Buffer;
  tbs: Buffer;
  signature: Buffer;
  /** Object id of the signature's algorithm, outside and inside of what is signed. */
  algorithm: string;
  algorithmsAgree: boolean;
  /** 1, 2 or 3. */
  version: number;
  /** Octets of the serial as they stand; the first bit is the sign. */
  serial: Buffer;
  issuer: Buffer;
  issuerText: string;
  subject: Buffer;
  subjectText: string;
  notBefore: Date;
  notAfter: Date;
  key: KeyObject | null;
  extensions: Extensions;
};

export const CERTIFICATE_BYTES_MAX = 16 * 1024;
const EXPLICIT = { version: 0xa0, issuerUniqueId: 0x81, subjectUniqueId: 0x82, extensions: 0xa3 };

/**
 * Takes a DER certificate apart, strictly. The bytes are attacker-controlled.
 *
 * @returns the certificate, or a sentence that says why it is none; never throws.
 */
export function readCertificate(der: Uint8Array): Certificate | string {
  if (der.length > CERTIFICATE_BYTES_MAX)
    return `It has ${der.length} bytes; at most ${CERTIFICATE_BYTES_MAX} are read.`;
  try {
    return read(readDer(der));
  } catch (error) {
    if (error instanceof DerFault) return error.message;
    throw error;
  }
}

function read(value: Der): Certificate {
  const { tbs, algorithm, signature } = signedParts(value, "The certificate");
  const parts = partsOf(tbs, TAG.sequence, "What is signed");
  const version = parts.maybe(EXPLICIT.version);
  const serial = integerOctets(parts.take(TAG.integer, "The serial"), "The serial");
  const innerAlgorithm = parts.take(TAG.sequence, "The inner algorithm");
  const issuer = parts.take(TAG.sequence, "The issuer");
  const validity = partsOf(parts.take(TAG.sequence, "The validity"), TAG.sequence, "The validity");
  const notBefore = timeOf(validity.any("notBefore"), "notBefore");
  const notAfter = timeOf(validity.any("notAfter"), "notAfter");
  validity.end("The validity");
  const subject = parts.take(TAG.sequence, "The subject");
  const spki = parts.take(TAG.sequence, "The key");
  parts.maybe(EXPLICIT.issuerUniqueId);
  parts.maybe(EXPLICIT.subjectUniqueId);
  const extensions = parts.maybe(EXPLICIT.extensions);
  parts.end("What is signed");
  return {
    ...{ raw: value.raw, tbs: tbs.raw, signature, serial, notBefore, notAfter },
    algorithm: algorithmId(algorithm),
    algorithmsAgree: algorithm.raw.equals(innerAlgorithm.raw),
    version: version ? 1 + smallInteger(readDer(version.content), "The version") : 1,
    issuer: issuer.raw,
    issuerText: nameText(issuer),
    subject: subject.raw,
    subjectText: nameText(subject),
    key: readKey(spki.raw),
    extensions: readExtensions(extensions ? extensionList(readDer(extensions.content)) : []),
  };
}

/** What authorities sign, taken apart: the same three parts in a certificate and in a list (RFC 5280 §4.1, §5.1). */
export function signedParts(value: Der, what: string): { tbs: Der; algorithm: Der; signature: Buffer } {
  const outer = partsOf(value, TAG.sequence, what);
  const tbs = outer.take(TAG.sequence, "What is signed");
  const algorithm = outer.take(TAG.sequence, "The signature's algorithm");
  const signature = wholeBits(outer.take(TAG.bitString, "The signature"), "The signature");
  outer.end(what);
  return { tbs, algorithm, signature };
}

export function algorithmId(value: Der): string {
  const parts = partsOf(value, TAG.sequence, "An algorithm");
  return oidOf(parts.take(TAG.oid, "An algorithm"), "An algorithm");
}

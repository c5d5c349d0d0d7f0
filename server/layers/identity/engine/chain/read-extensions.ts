import {
  booleanOf,
  type Der,
  DerFault,
  listOf,
  namedBits,
  oidOf,
  partsOf,
  readDer,
  smallInteger,
  TAG,
} from "../../../../kernel/der.ts";
import { type GeneralName, readGeneralName, readGeneralNames } from "./general-names.ts";

/** What of the extensions is understood (RFC 5280 §4.2.1); what is absent is null. */
export type Extensions = {
  basicConstraints: { ca: boolean; pathLength: number | null } | null;
  /** Bit n of the standard as 2^n: the `KeyUsageFlags` of the profiles. */
  keyUsage: number | null;
  extendedKeyUsage: string[] | null;
  names: GeneralName[] | null;
  authorityKeyId: string | null;
  subjectKeyId: string | null;
  nameConstraints: { permitted: GeneralName[]; excluded: GeneralName[] } | null;
  critical: string[];
  /** Critical ones that are not understood. */
  unknownCritical: string[];
  repeated: string[];
};

export const EXTENSION = {
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  names: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
} as const;
const EXTENSIONS_MAX = 64;
const UNDERSTOOD: readonly string[] = Object.values(EXTENSION);
const AKI_KEY_ID = 0x80;
const SUBTREES = { permitted: 0xa0, excluded: 0xa1 };

/** One extension as it stands. */
export type Extension = { oid: string; critical: boolean; value: Buffer };

/** A SEQUENCE OF Extension, of a certificate, a list or a list's entry. */
export function extensionList(value: Der): Extension[] {
  const list = listOf(value, TAG.sequence, "The extensions");
  if (list.length === 0 || list.length > EXTENSIONS_MAX)
    throw new DerFault(`There are ${list.length} extensions; 1 to ${EXTENSIONS_MAX} are taken.`);
  return list.map((each) => {
    const parts = partsOf(each, TAG.sequence, "An extension");
    const oid = oidOf(parts.take(TAG.oid, "An extension's type"), "An extension's type");
    const flag = parts.maybe(TAG.boolean);
    const content = parts.take(TAG.octetString, "An extension's value").content;
    parts.end("An extension");
    return { oid, critical: flag !== null && booleanOf(flag, "An extension's criticality"), value: content };
  });
}

export function readExtensions(list: readonly Extension[]): Extensions {
  const held = <T>(oid: string, read: (value: Der) => T): T | null => {
    const found = list.find((each) => each.oid === oid);
    return found ? read(readDer(found.value)) : null;
  };
  const critical = list.filter((each) => each.critical).map((each) => each.oid);
  const oids = list.map((each) => each.oid);
  return {
    basicConstraints: held(EXTENSION.basicConstraints, readBasicConstraints),
    keyUsage: held(EXTENSION.keyUsage, readKeyUsage),
    extendedKeyUsage: held(EXTENSION.extendedKeyUsage, readExtendedKeyUsage),
    names: held(EXTENSION.names, (value) => readGeneralNames(value, "The alternative name")),
    authorityKeyId: held(EXTENSION.authorityKeyId, readAuthorityKeyId),
    subjectKeyId: held(EXTENSION.subjectKeyId, readSubjectKeyId),
    nameConstraints: held(EXTENSION.nameConstraints, readNameConstraints),
    critical,
    unknownCritical: critical.filter((oid) => !UNDERSTOOD.includes(oid)),
    repeated: [...new Set(oids.filter((oid, index) => oids.indexOf(oid) !== index))],
  };
}

function readBasicConstraints(value: Der): { ca: boolean; pathLength: number | null } {
  const parts = partsOf(value, TAG.sequence, "The basic constraints");
  const flag = parts.maybe(TAG.boolean);
  const length = parts.maybe(TAG.integer);
  parts.end("The basic constraints");
  return {
    ca: flag !== null && booleanOf(flag, "The CA flag"),
    pathLength: length && smallInteger(length, "The path length"),
  };
}

function readKeyUsage(value: Der): number {
  if (value.tag !== TAG.bitString) throw new DerFault("The key usage is no set of named bits.");
  return namedBits(value, "The key usage");
}

function readExtendedKeyUsage(value: Der): string[] {
  const usages = listOf(value, TAG.sequence, "The extended key usage");
  if (usages.length === 0) throw new DerFault("The extended key usage is empty.");
  return usages.map((usage) => oidOf(usage, "An extended key usage"));
}

function readSubjectKeyId(value: Der): string {
  if (value.tag !== TAG.octetString || value.content.length === 0)
    throw new DerFault("The subject key id is no id.");
  return value.content.toString("hex");
}

/** The key id alone counts; an issuer named beside it adds nothing that the chain does not tell. */
export function readAuthorityKeyId(value: Der): string | null {
  const parts = partsOf(value, TAG.sequence, "The authority key id");
  const keyId = parts.maybe(AKI_KEY_ID);
  while (parts.more()) parts.any("The authority key id");
  return keyId && keyId.content.length > 0 ? keyId.content.toString("hex") : null;
}

function readNameConstraints(value: Der): { permitted: GeneralName[]; excluded: GeneralName[] } {
  const parts = partsOf(value, TAG.sequence, "The name constraints");
  const permitted = parts.maybe(SUBTREES.permitted);
  const excluded = parts.maybe(SUBTREES.excluded);
  parts.end("The name constraints");
  if (!permitted && !excluded) throw new DerFault("The name constraints are empty.");
  return { permitted: subtrees(permitted), excluded: subtrees(excluded) };
}

/** Bases of the subtrees; `minimum` and `maximum` are not used in this profile (RFC 5280 §4.2.1.10). */
function subtrees(value: Der | null): GeneralName[] {
  if (!value) return [];
  return listOf(value, value.tag, "A subtree").map((subtree) => {
    const parts = partsOf(subtree, TAG.sequence, "A subtree");
    const base = readGeneralName(parts.any("A subtree's base"), "A subtree's base");
    parts.end("A subtree");
    return base;
  });
}

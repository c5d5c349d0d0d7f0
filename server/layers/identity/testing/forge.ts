import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { KEY_USAGE } from "../engine/chain/key-usage.ts";
import { bits, boolean, flags, integer, name, octets, oid, seq, time, tlv } from "./write-der.ts";

export type ForgedKey = { publicKey: KeyObject; privateKey: KeyObject };
/** A certificate that a test made, and the key it is for. */
export type Forged = { der: Buffer; key: ForgedKey; subject: string };
export type Ext = { oid: string; critical?: boolean; value: Buffer };

export const ECDSA_SHA256 = "1.2.840.10045.4.3.2";
export const NOW = new Date("2026-11-25T03:00:00.000Z");
const DAY_MS = 86_400_000;
export const days = (count: number) => new Date(NOW.getTime() + count * DAY_MS);

export const newKey = (): ForgedKey => generateKeyPairSync("ec", { namedCurve: "P-256" });

export const spkiOf = (key: ForgedKey) => key.publicKey.export({ format: "der", type: "spki" });
export const keyIdOf = (key: ForgedKey) => createHash("sha1").update(spkiOf(key)).digest();

export const ext = {
  basicConstraints: (ca: boolean, pathLength?: number, critical = true): Ext => ({
    oid: "2.5.29.19",
    critical,
    value: seq(...(ca ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])),
  }),
  keyUsage: (value: number, critical = true): Ext => ({ oid: "2.5.29.15", critical, value: flags(value) }),
  extendedKeyUsage: (...oids: string[]): Ext => ({ oid: "2.5.29.37", value: seq(...oids.map(oid)) }),
  names: (...names: Buffer[]): Ext => ({ oid: "2.5.29.17", value: seq(...names) }),
  subjectKeyId: (keyId: Buffer, critical = false): Ext => ({
    oid: "2.5.29.14",
    critical,
    value: octets(keyId),
  }),
  authorityKeyId: (keyId: Buffer): Ext => ({ oid: "2.5.29.35", value: seq(tlv(0x80, keyId)) }),
  nameConstraints: (permitted: Buffer[], excluded: Buffer[] = []): Ext => ({
    oid: "2.5.29.30",
    critical: true,
    value: seq(
      ...(permitted.length > 0 ? [tlv(0xa0, ...permitted.map((base) => seq(base)))] : []),
      ...(excluded.length > 0 ? [tlv(0xa1, ...excluded.map((base) => seq(base)))] : []),
    ),
  }),
};
export const uri = (value: string) => tlv(0x86, Buffer.from(value));
export const dns = (value: string) => tlv(0x82, Buffer.from(value));

export type Wish = {
  subject?: string;
  issuerName?: string;
  key?: ForgedKey;
  serial?: Buffer;
  notBefore?: Date;
  notAfter?: Date;
  version?: number;
  algorithm?: string;
  innerAlgorithm?: string;
  hash?: string;
  extensions: Ext[];
};

/** A certificate exactly as wished, signed by `issuer`, or by itself where that is null. */
export function forge(issuer: Forged | null, wish: Wish): Forged {
  const key = wish.key ?? newKey();
  const subject = wish.subject ?? "leaf";
  const algorithm = wish.algorithm ?? ECDSA_SHA256;
  const version = wish.version ?? 3;
  const tbs = seq(
    ...(version === 1 ? [] : [tlv(0xa0, integer(version - 1))]),
    integer(wish.serial ?? drawn()),
    seq(oid(wish.innerAlgorithm ?? algorithm)),
    name(wish.issuerName ?? issuer?.subject ?? subject),
    seq(time(wish.notBefore ?? days(-1)), time(wish.notAfter ?? days(1))),
    name(subject),
    spkiOf(key),
    ...(wish.extensions.length > 0 ? [tlv(0xa3, seq(...wish.extensions.map(extension)))] : []),
  );
  const signature = sign(wish.hash ?? "sha256", tbs, (issuer?.key ?? key).privateKey);
  return { der: seq(tbs, seq(oid(algorithm)), bits(signature)), key, subject };
}

function extension({ oid: type, critical, value }: Ext): Buffer {
  return seq(oid(type), ...(critical ? [boolean(true)] : []), octets(value));
}

let serials = 0x1000;
const drawn = () => Buffer.from([0x41, ...Buffer.from((serials++).toString(16), "hex")]);

/** An authority with everything an authority has; `more` overrides. */
export function forgeAuthority(
  issuer: Forged | null,
  wish: Partial<Wish> & {
    pathLength?: number | undefined;
    usages?: string[];
    without?: string[];
    more?: Ext[];
  } = {},
): Forged {
  const key = wish.key ?? newKey();
  const extensions = [
    ext.basicConstraints(true, wish.pathLength),
    ext.keyUsage(KEY_USAGE.keyCertSign | KEY_USAGE.cRLSign),
    ext.subjectKeyId(keyIdOf(key)),
    ext.authorityKeyId(keyIdOf(issuer?.key ?? key)),
    ...(wish.usages ? [ext.extendedKeyUsage(...wish.usages)] : []),
  ];
  return forge(issuer, {
    notBefore: days(-30),
    notAfter: days(30),
    ...wish,
    key,
    extensions: wish.extensions ?? merged(extensions, wish.more, wish.without),
  });
}

/** Extensions with those of `more` in the place of their like, and without some. */
export function merged(base: Ext[], more: Ext[] = [], without: string[] = []): Ext[] {
  const replaced = (one: Ext) => more.some((other) => other.oid === one.oid);
  return [...base.filter((one) => !replaced(one) && !without.includes(one.oid)), ...more];
}

/** A revocation list exactly as wished. */
export function forgeCrl(
  issuer: Forged,
  wish: {
    revoked?: Buffer[];
    thisUpdate?: Date;
    nextUpdate?: Date | null;
    signer?: ForgedKey;
    issuerName?: string;
    more?: Ext[];
    /** Extensions of every entry. */
    entry?: Ext[];
  } = {},
): Buffer {
  const next = wish.nextUpdate === undefined ? days(1) : wish.nextUpdate;
  const about = wish.entry ? [seq(...wish.entry.map(extension))] : [];
  const entries = (wish.revoked ?? []).map((serial) => seq(integer(serial), time(days(-0.5)), ...about));
  const extensions = [
    ext.authorityKeyId(keyIdOf(wish.signer ?? issuer.key)),
    { oid: "2.5.29.20", value: integer(1) },
    ...(wish.more ?? []),
  ];
  const tbs = seq(
    integer(1),
    seq(oid(ECDSA_SHA256)),
    name(wish.issuerName ?? issuer.subject),
    time(wish.thisUpdate ?? days(-0.5)),
    ...(next ? [time(next)] : []),
    ...(entries.length > 0 ? [seq(...entries)] : []),
    tlv(0xa0, seq(...extensions.map(extension))),
  );
  const signature = sign("sha256", tbs, (wish.signer ?? issuer.key).privateKey);
  return seq(tbs, seq(oid(ECDSA_SHA256)), bits(signature));
}

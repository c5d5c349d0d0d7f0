/** One value of DER (X.690): its tag, its content, and the bytes it was read from. */
export type Der = { tag: number; content: Buffer; raw: Buffer };

/** Why bytes are no DER, or not the DER that was expected there. */
export class DerFault extends Error {}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const LENGTH_OCTETS_MAX = 4;
const ARC_OCTETS_MAX = 20;

/** The parts of a constructed value, read one after the other. */
export type Parts = {
  /** The next part, which must have this tag. */
  take: (tag: number, what: string) => Der;
  /** The next part where it has this tag, else null and nothing is read. */
  maybe: (tag: number) => Der | null;
  /** The next part, whatever it is. */
  any: (what: string) => Der;
  more: () => boolean;
  /** Nothing may be left. */
  end: (what: string) => void;
};

/** Reads exactly one value. The bytes are attacker-controlled. @throws DerFault where they are anything else. */
export function readDer(bytes: Uint8Array): Der {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value = readAt(buffer, 0);
  if (value.raw.length !== buffer.length) throw new DerFault("Bytes follow the value.");
  return value;
}

/** Opens a constructed value of this tag. @throws DerFault where it is another. */
export function partsOf(value: Der, tag: number, what: string): Parts {
  if (value.tag !== tag) throw new DerFault(`${what} is not what it must be (tag ${value.tag}).`);
  let at = 0;
  const peek = () => (at < value.content.length ? value.content.readUInt8(at) : null);
  const any = (inner: string): Der => {
    if (peek() === null) throw new DerFault(`${inner} is missing.`);
    const next = readAt(value.content, at);
    at += next.raw.length;
    return next;
  };
  const take = (wanted: number, inner: string): Der => {
    const next = any(inner);
    if (next.tag !== wanted) throw new DerFault(`${inner} is not what it must be (tag ${next.tag}).`);
    return next;
  };
  return {
    any,
    take,
    maybe: (wanted) => (peek() === wanted ? any("a part") : null),
    more: () => peek() !== null,
    end: (inner) => {
      if (peek() !== null) throw new DerFault(`${inner} holds more than it may.`);
    },
  };
}

/** All parts of a constructed value. */
export function listOf(value: Der, tag: number, what: string): Der[] {
  const parts = partsOf(value, tag, what);
  const list: Der[] = [];
  while (parts.more()) list.push(parts.any(what));
  return list;
}

/** Octets of an INTEGER, in the fewest octets as DER asks (X.690 §8.3.2); the first bit is its sign. */
export function integerOctets(value: Der, what: string): Buffer {
  const { content } = value;
  if (content.length === 0) throw new DerFault(`${what} is an empty integer.`);
  const [first = 0, second = 0] = content;
  const padded = content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (padded) throw new DerFault(`${what} is padded.`);
  return content;
}

/** A whole number from 0 up to 2^31. */
export function smallInteger(value: Der, what: string): number {
  const octets = integerOctets(value, what);
  if (octets.length > 4 || octets.readUInt8(0) > 0x7f) throw new DerFault(`${what} is out of range.`);
  return octets.readUIntBE(0, octets.length);
}

export function booleanOf(value: Der, what: string): boolean {
  const [octet] = value.content;
  if (value.content.length !== 1 || (octet !== 0 && octet !== 0xff))
    throw new DerFault(`${what} is neither true nor false.`);
  return octet === 0xff;
}

/** Content of a BIT STRING of whole octets: keys and signatures. */
export function wholeBits(value: Der, what: string): Buffer {
  if (value.content.length < 2 || value.content.readUInt8(0) !== 0)
    throw new DerFault(`${what} is no string of whole octets.`);
  return value.content.subarray(1);
}

/** Named bits as a number, bit n of the standard as 2^n; at most sixteen. */
export function namedBits(value: Der, what: string): number {
  const [unused = 0, first = 0, second = 0] = value.content;
  if (value.content.length > 3 || value.content.length === 0 || unused > 7)
    throw new DerFault(`${what} is no set of named bits.`);
  let bits = 0;
  for (let bit = 0; bit < 16; bit++) {
    const octet = bit < 8 ? first : second;
    if (octet & (0x80 >> (bit % 8))) bits |= 1 << bit;
  }
  return bits;
}

/** Dotted form of an OBJECT IDENTIFIER; arcs of any size, as UUID-derived ones have 128 bits. */
export function oidOf(value: Der, what: string): string {
  if (value.tag !== TAG.oid || value.content.length === 0) throw new DerFault(`${what} is no object id.`);
  const arcs: bigint[] = [];
  let arc = 0n;
  let octets = 0;
  for (const octet of value.content) {
    if (octets === 0 && octet === 0x80) throw new DerFault(`${what} is padded.`);
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    octets += 1;
    if (octets > ARC_OCTETS_MAX) throw new DerFault(`${what} is too long.`);
    if (octet & 0x80) continue;
    arcs.push(arc);
    arc = 0n;
    octets = 0;
  }
  if (octets > 0) throw new DerFault(`${what} ends early.`);
  const [both = 0n, ...rest] = arcs;
  const first = both < 40n ? 0n : both < 80n ? 1n : 2n;
  return [first, both - first * 40n, ...rest].join(".");
}

/** Certificates and lists write times until 2049 as UTCTime and later ones as GeneralizedTime, in UTC to the second (RFC 5280 §4.1.2.5). */
export function timeOf(value: Der, what: string): Date {
  const text = value.content.toString("latin1");
  const short = value.tag === TAG.utcTime;
  if (!short && value.tag !== TAG.generalizedTime) throw new DerFault(`${what} is no time.`);
  if (!(short ? /^\d{12}Z$/ : /^\d{14}Z$/).test(text)) throw new DerFault(`${what} is no time in UTC.`);
  const digits = short ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits) ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const at = new Date(iso);
  if (Number.isNaN(at.getTime()) || at.toISOString() !== iso) throw new DerFault(`${what} never was.`);
  if (!short && at.getUTCFullYear() < 2050)
    throw new DerFault(`${what} is before 2050 and no UTCTime (RFC 5280 §4.1.2.5).`);
  return at;
}

function readAt(buffer: Buffer, at: number): Der {
  if (at + 2 > buffer.length) throw new DerFault("A value ends early.");
  const tag = buffer.readUInt8(at);
  if ((tag & 0x1f) === 0x1f) throw new DerFault("A tag is too large.");
  const { length, headerOctets } = lengthAt(buffer, at + 1);
  const start = at + 1 + headerOctets;
  if (start + length > buffer.length) throw new DerFault("A value ends early.");
  return { tag, content: buffer.subarray(start, start + length), raw: buffer.subarray(at, start + length) };
}

/** A definite length in the fewest octets (X.690 §10.1). */
function lengthAt(buffer: Buffer, at: number): { length: number; headerOctets: number } {
  const first = buffer.readUInt8(at);
  if (first < 0x80) return { length: first, headerOctets: 1 };
  const octets = first & 0x7f;
  if (octets === 0 || octets > LENGTH_OCTETS_MAX || at + 1 + octets > buffer.length)
    throw new DerFault("A length is not DER.");
  const length = buffer.readUIntBE(at + 1, octets);
  if (length < 0x80 || length < 2 ** (8 * (octets - 1))) throw new DerFault("A length is padded.");
  return { length, headerOctets: 1 + octets };
}

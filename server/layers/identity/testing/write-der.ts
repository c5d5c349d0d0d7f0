/** A DER value of this tag around these contents. */
export function tlv(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const hex = content.length.toString(16);
  const length = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

export const seq = (...contents: Uint8Array[]) => tlv(0x30, ...contents);
export const octets = (content: Uint8Array) => tlv(0x04, content);
/** An INTEGER of these very octets. */
export const integer = (content: Uint8Array | number) =>
  tlv(0x02, typeof content === "number" ? Buffer.from([content]) : content);
export const bits = (content: Uint8Array, unused = 0) => tlv(0x03, Buffer.from([unused]), content);
export const boolean = (value: boolean) => tlv(0x01, Buffer.from([value ? 0xff : 0]));

export function oid(dotted: string): Buffer {
  const [first = 0n, second = 0n, ...rest] = dotted.split(".").map(BigInt);
  return tlv(0x06, Buffer.from([first * 40n + second, ...rest].flatMap(arcOctets)));
}

function arcOctets(arc: bigint): number[] {
  const reversed = [Number(arc & 0x7fn)];
  for (let left = arc >> 7n; left > 0n; left >>= 7n) reversed.push(Number(left & 0x7fn) | 0x80);
  return reversed.reverse();
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export function time(at: Date): Buffer {
  const text = `${at.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
  return at.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(text.slice(2))) : tlv(0x18, Buffer.from(text));
}

/** A distinguished name of one common name; empty for "". */
export function name(commonName: string): Buffer {
  if (commonName === "") return seq();
  return seq(tlv(0x31, seq(oid("2.5.4.3"), tlv(0x0c, Buffer.from(commonName)))));
}

/** A KeyUsage or ReasonFlags value: bit n of the standard is 2^n of the number. */
export function flags(value: number): Buffer {
  const pair = Buffer.alloc(2);
  for (let bit = 0; bit < 16; bit++)
    if (value & (1 << bit)) pair[bit >> 3] = (pair[bit >> 3] ?? 0) | (0x80 >> (bit % 8));
  const used = pair[1] ? pair : pair.subarray(0, 1);
  const last = used.at(-1) ?? 0;
  const unused = last === 0 ? 0 : 31 - Math.clz32(last & -last);
  return bits(used, unused);
}

/** PEM of these bytes. */
export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

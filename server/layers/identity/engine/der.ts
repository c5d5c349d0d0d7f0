/** A value with its tag and length (X.690 §8.1), definite form. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets = evenHex(length.toString(16));
  return Buffer.concat([Buffer.from([0x80 | octets.length]), octets]);
}

function evenHex(hex: string): Buffer {
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
}

export const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);

/** A whole number from 0 on, given in hex: fewest octets, sign bit clear (X.690 §8.3). */
export function derInteger(hex: string): Buffer {
  const octets = evenHex(hex.replace(/^0+(?=.)/, ""));
  return der(0x02, (octets[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), octets]) : octets);
}

/** An instant to the second: UTCTime until 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). */
export function derTime(at: Date): Buffer {
  const text = at.toISOString().replace(/[-:T]|\.\d+/g, "");
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

/** An ECDSA signature of WebCrypto (r and s side by side) as certificates carry it (RFC 3279 §2.2.3). */
export function derSignature(signature: Uint8Array): Buffer {
  const hex = Buffer.from(signature).toString("hex");
  return sequence(derInteger(hex.slice(0, hex.length / 2)), derInteger(hex.slice(hex.length / 2)));
}

import { createHmac, timingSafeEqual } from "node:crypto";

/** RFC 6238 with the values every authenticator app uses: SHA-1, six digits, steps of 30 s. */
export const TOTP_STEP_SECONDS = 30;
export const TOTP_DIGITS = 6;
/** Steps before and after the present one that count, for clocks that differ a little (RFC 6238 §5.2). */
const DRIFT_STEPS = 1;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The step that an instant lies in. */
export function totpStep(at: Date): number {
  return Math.floor(at.getTime() / 1000 / TOTP_STEP_SECONDS);
}

/** The code of one step (RFC 4226 §5.3). */
export function totpCode(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** TOTP_DIGITS;
  return String(number).padStart(TOTP_DIGITS, "0");
}

/** The step whose code this is, or null. Takes the same time for every code; the code is attacker-controlled. */
export function matchTotp(secret: Buffer, code: string, now: Date): number | null {
  const given = Buffer.from(code.padEnd(TOTP_DIGITS, " ").slice(0, TOTP_DIGITS));
  const present = totpStep(now);
  let matched: number | null = null;
  for (let step = present - DRIFT_STEPS; step <= present + DRIFT_STEPS; step++) {
    const wanted = Buffer.from(totpCode(secret, step));
    if (given.length === wanted.length && timingSafeEqual(given, wanted) && code.length === TOTP_DIGITS)
      matched = step;
  }
  return matched;
}

/** Bytes of a base32 seed (RFC 4648 §6, no padding needed). Null where a character is not base32. */
export function base32Decode(text: string): Buffer | null {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text.replace(/[=\s-]/g, "").toUpperCase()) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return Buffer.from(bytes);
}

/** A seed as base32, as authenticator apps take it. */
export function base32Encode(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0x1fff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
  }
  return bits > 0 ? text + ALPHABET.charAt((held << (5 - bits)) & 31) : text;
}

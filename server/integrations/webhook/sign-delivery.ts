import { createHmac, timingSafeEqual } from "node:crypto";

/** How far a signature's time may lie from the receiver's. */
export const SIGNATURE_SECONDS_MAX = 300;

/**
 * The `Vigil-Signature` header of a delivery: `t=<seconds since 1970>,v1=<hex HMAC-SHA-256>` over
 * `<t>.<body>`, the body being the exact bytes sent.
 */
export function signDelivery(secret: string, body: string, now: Date): string {
  const t = Math.floor(now.getTime() / 1_000);
  return `t=${t},v1=${mac(secret, t, body).toString("hex")}`;
}

/**
 * What a receiver does with the header: the signature matches the bytes, and its time is within five minutes.
 *
 * @param header as received; attacker-controlled.
 */
export function verifyDelivery(secret: string, header: string, body: string, now: Date): boolean {
  const match = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header);
  if (!match?.[1] || !match[2]) return false;
  const t = Number(match[1]);
  if (Math.abs(now.getTime() / 1_000 - t) > SIGNATURE_SECONDS_MAX) return false;
  return timingSafeEqual(mac(secret, t, body), Buffer.from(match[2], "hex"));
}

function mac(secret: string, t: number, body: string): Buffer {
  return createHmac("sha256", secret).update(`${t}.${body}`).digest();
}

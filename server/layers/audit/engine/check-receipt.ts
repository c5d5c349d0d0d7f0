import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { z } from "zod";

/** What a gateway signed when it took a request (compact JWS, EdDSA). */
export const receiptClaims = z.object({
  recordId: z.uuid(),
  recordDigest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  at: z.iso.datetime(),
  chainedBy: z.iso.datetime(),
});
export type ReceiptClaims = z.infer<typeof receiptClaims>;

const RECEIPT_TYPE = "vigil-receipt";
const header = z.object({ alg: z.literal("EdDSA"), typ: z.literal(RECEIPT_TYPE), kid: z.string() });

/**
 * Reads a receipt that may come from anybody.
 *
 * @param keyOf public key of a receipt key by its id, as registered.
 * @returns its claims, or why it proves nothing.
 */
export function readReceipt(
  text: string,
  keyOf: (keyId: string) => JsonWebKey | undefined,
): { claims: ReceiptClaims } | { problem: string } {
  const [head = "", payload = "", signature = "", ...more] = text.trim().split(".");
  const stated = header.safeParse(parse(head));
  if (!stated.success || more.length > 0) return { problem: "This is not a receipt of Vigil." };
  const jwk = keyOf(stated.data.kid);
  if (!jwk) return { problem: `The receipt key ${stated.data.kid} is not known here.` };
  if (!isGenuine(jwk, `${head}.${payload}`, signature))
    return { problem: "The receipt's signature does not verify." };
  const claims = receiptClaims.safeParse(parse(payload));
  return claims.success
    ? { claims: claims.data }
    : { problem: "The receipt does not say what a receipt says." };
}

/** What the log holds of the record that a receipt names. */
export type ReceiptedRecord = { digest: string; digestOfBody: string; seq: number | null; proved: boolean };

/**
 * Whether the log kept its word: the record is there, unchanged, and chained in time.
 *
 * @returns what is wrong in a sentence, or null.
 */
export function receiptProblem(
  claims: ReceiptClaims,
  record: ReceiptedRecord | null,
  now: Date,
): string | null {
  if (!record) return `The record ${claims.recordId} is gone: it was taken in at ${claims.at}.`;
  if (record.digest !== claims.recordDigest || record.digestOfBody !== claims.recordDigest)
    return `The record ${claims.recordId} is not the one that was taken in at ${claims.at}.`;
  if (record.seq === null && now.getTime() > Date.parse(claims.chainedBy))
    return `The record ${claims.recordId} should have been chained by ${claims.chainedBy} and is not.`;
  return null;
}

function isGenuine(jwk: JsonWebKey, signed: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    return verify(null, Buffer.from(signed), key, Buffer.from(signature, "base64url"));
  } catch {
    return false;
  }
}

function parse(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}

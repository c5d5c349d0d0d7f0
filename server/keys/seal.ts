import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { VigilError } from "../kernel/errors.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;

/**
 * Seals bytes with AES-256-GCM under a role's key. `context` says where the blob lives (table, row, column);
 * a blob that is moved elsewhere does not open.
 */
export function seal(key: Buffer, context: string, plain: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([
    Buffer.from([FORMAT]),
    nonce,
    cipher.update(plain),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** @throws VigilError `sealed_blob_unopenable` when the key, the place or a byte is wrong. */
export function unseal(key: Buffer, context: string, sealed: Buffer): Buffer {
  try {
    if (sealed[0] !== FORMAT) throw new Error("unknown format");
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
    const body = sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    throw new VigilError(
      "sealed_blob_unopenable",
      500,
      `The sealed value ${context} does not open: VIGIL_KEK is not the one it was sealed under, or the row was changed.`,
      { context },
    );
  }
}

import { createHash } from "node:crypto";

/** SHA-256 of the parts, one after the other. */
export function sha256(...parts: (Uint8Array | string)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256 as Vigil writes it in records and on screens: `sha256:` and lower-case hex. */
export function sha256Label(...parts: (Uint8Array | string)[]): string {
  return `sha256:${sha256(...parts).toString("hex")}`;
}

/** Base64url without padding (RFC 4648 §5). */
export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

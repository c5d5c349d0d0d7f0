import type { KeyObject } from "node:crypto";
import { base64url, sha256 } from "./hash.ts";

/** The RFC 7638 thumbprint of an EC or Ed25519 key, private or public: its key id everywhere. */
export function keyThumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: "jwk" });
  const members = y === undefined ? { crv, kty, x } : { crv, kty, x, y };
  return base64url(sha256(JSON.stringify(members)));
}

import { randomBytes } from "node:crypto";

/**
 * A UUID version 7 (RFC 9562 §5.7) for an instant: sorts by time, so indexes grow at their end.
 *
 * @param now milliseconds since 1970, UTC, as stamped at the door.
 */
export function uuidv7(now: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A secret of `byteCount` random bytes as base64url: join tokens, API keys, set-up links. */
export function randomSecret(byteCount = 32): string {
  return randomBytes(byteCount).toString("base64url");
}

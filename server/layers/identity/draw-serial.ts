import { randomBytes } from "node:crypto";

const SERIAL_BYTES = 16;

/** A certificate's serial: 127 random bits, positive, never shortened (RFC 5280 §4.1.2.2: at most 20 octets). */
export function drawSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString("hex");
}

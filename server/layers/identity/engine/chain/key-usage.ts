/** Bits of the key usage (RFC 5280 §4.2.1.3), bit n as 2^n. */
export const KEY_USAGE = {
  digitalSignature: 1,
  contentCommitment: 2,
  keyEncipherment: 4,
  dataEncipherment: 8,
  keyAgreement: 16,
  keyCertSign: 32,
  cRLSign: 64,
  encipherOnly: 128,
  decipherOnly: 256,
} as const;

const EXTENDED: Record<string, string> = {
  "1.3.6.1.5.5.7.3.1": "serverAuth",
  "1.3.6.1.5.5.7.3.2": "clientAuth",
  "1.3.6.1.5.5.7.3.36": "documentSigning",
  "2.5.29.37.0": "anyExtendedKeyUsage",
};
export const ANY_USAGE = "2.5.29.37.0";

/** The usages by name, in the standard's order. */
export function keyUsageNames(bits: number): string[] {
  return Object.entries(KEY_USAGE).flatMap(([name, bit]) => (bits & bit ? [name] : []));
}

/** An extended key usage by name, or its object id where it has none. */
export function extendedUsageName(oid: string): string {
  return EXTENDED[oid] ?? oid;
}

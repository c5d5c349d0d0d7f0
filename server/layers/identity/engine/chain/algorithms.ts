import { createPublicKey, type KeyObject, verify } from "node:crypto";

/** Signature algorithms that count, by object id (RFC 5758, RFC 8410, RFC 4055): no SHA-1, no MD5, no DSA. */
const SIGNATURES: Record<string, { name: string; hash: string | null; keyType: string }> = {
  "1.2.840.10045.4.3.2": { name: "ECDSA with SHA-256", hash: "sha256", keyType: "ec" },
  "1.2.840.10045.4.3.3": { name: "ECDSA with SHA-384", hash: "sha384", keyType: "ec" },
  "1.2.840.10045.4.3.4": { name: "ECDSA with SHA-512", hash: "sha512", keyType: "ec" },
  "1.3.101.112": { name: "Ed25519", hash: null, keyType: "ed25519" },
  "1.2.840.113549.1.1.11": { name: "RSA with SHA-256", hash: "sha256", keyType: "rsa" },
  "1.2.840.113549.1.1.12": { name: "RSA with SHA-384", hash: "sha384", keyType: "rsa" },
  "1.2.840.113549.1.1.13": { name: "RSA with SHA-512", hash: "sha512", keyType: "rsa" },
};
const CURVES = new Map([
  ["prime256v1", "P-256"],
  ["secp384r1", "P-384"],
]);
const RSA_BITS = { min: 2_048, max: 8_192 };

/** The name of a signature algorithm that counts, or null. */
export function signatureName(oid: string): string | null {
  return SIGNATURES[oid]?.name ?? null;
}

/** The key of a SubjectPublicKeyInfo, or null where there is none to be had. The bytes are attacker-controlled. */
export function readKey(spki: Buffer): KeyObject | null {
  try {
    return createPublicKey({ key: spki, format: "der", type: "spki" });
  } catch {
    return null;
  }
}

/** What kind of key it is, for a person, and whether it is strong enough (SP 800-57: 112 bits and more). */
export function judgeKey(key: KeyObject | null): { name: string; strong: boolean } {
  const { namedCurve, modulusLength = 0 } = key?.asymmetricKeyDetails ?? {};
  switch (key?.asymmetricKeyType) {
    case "ec": {
      const curve = CURVES.get(namedCurve ?? "");
      return { name: curve ?? `EC on ${namedCurve ?? "a curve of its own"}`, strong: curve !== undefined };
    }
    case "ed25519":
      return { name: "Ed25519", strong: true };
    case "rsa":
      return {
        name: `RSA with ${modulusLength} bits`,
        strong: modulusLength >= RSA_BITS.min && modulusLength <= RSA_BITS.max,
      };
    default:
      return { name: key?.asymmetricKeyType ?? "unreadable", strong: false };
  }
}

/** Whether this key made this signature with this algorithm. An algorithm that does not count verifies nothing. */
export function signatureHolds(
  signed: { tbs: Buffer; algorithm: string; signature: Buffer },
  key: KeyObject | null,
): boolean {
  const known = SIGNATURES[signed.algorithm];
  if (!known || key?.asymmetricKeyType !== known.keyType) return false;
  try {
    return verify(known.hash, signed.tbs, key, signed.signature);
  } catch {
    return false;
  }
}

import type { ObservedConnection } from "#server/layers/identity/connection-schema.ts";

/** A suite as people read it: `AES-256-GCM`, with the key exchange where it is told. */
export function suiteWords({
  cipher,
  keyExchange,
}: Pick<ObservedConnection, "cipher" | "keyExchange">): string {
  const named = /AES_?(128|256)[_-]GCM/.exec(cipher);
  const words = named && /^(TLS_AES|ECDHE-ECDSA-AES)/.test(cipher) ? `AES-${named[1]}-GCM` : cipher;
  return keyExchange ? `${words}, ${keyExchange}` : words;
}

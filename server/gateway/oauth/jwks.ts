import type { JSONWebKeySet } from "jose";
import { present } from "../../kernel/ensure.ts";
import type { HeldKey, KeyStore } from "../../keys/key-store.ts";

/** The key that signs access tokens; made at first use. */
export function tokenKey(keys: KeyStore, now: Date): Promise<HeldKey> {
  return keys.openOrCreate("token", "EdDSA", now);
}

/** The public keys that access tokens are verified with (RFC 7517). */
export async function jwks(keys: KeyStore, now: Date): Promise<JSONWebKeySet> {
  const { publicJwk } = await tokenKey(keys, now);
  return { keys: [{ ...present(publicJwk, "public part of the token key"), use: "sig" }] };
}

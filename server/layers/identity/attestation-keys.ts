import { createPublicKey, type KeyObject } from "node:crypto";
import type { JSONWebKeySet } from "jose";
import type { Database } from "../../../db/client.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { keyThumbprint } from "../../kernel/key-thumbprint.ts";
import type { HeldKey, KeyStore } from "../../keys/key-store.ts";
import { publicKeys } from "../../keys/public-keys.ts";
import { AUTHORITIES, type Authority, PERSON_AUTHORITIES, type PersonAuthority } from "./facts-schema.ts";

/** Which authority each public key speaks for, by key id. */
export type AttestationKeys = ReadonlyMap<string, { authority: Authority; key: KeyObject }>;

const keyName = (authority: Authority) => `attestation:${authority}`;

/**
 * The key with which an authority attests, made at first use. The console holds those of the authorities for
 * which people speak, the gateway that of the issuing authority: neither can sign in the other's name.
 */
export function attestationKey(keys: KeyStore, authority: Authority, now: Date): Promise<HeldKey> {
  return keys.openOrCreate(keyName(authority), "EdDSA", now);
}

/**
 * The keys of the authorities for which people speak, out of the sealed private halves: a public half that
 * somebody exchanged in the database changes nothing here. Authorities that never attested have none.
 */
export async function heldAttestationKeys(keys: KeyStore): Promise<AttestationKeys> {
  const held = new Map<string, { authority: PersonAuthority; key: KeyObject }>();
  for (const authority of PERSON_AUTHORITIES) {
    const key = await openIfMade(keys, keyName(authority));
    if (!key) continue;
    const publicKey = createPublicKey(key.privateKey);
    held.set(keyThumbprint(publicKey), { authority, key: publicKey });
  }
  return held;
}

/** The public keys of all authorities as the database publishes them: for processes that cannot open them. */
export async function publishedAttestationKeys(db: Database): Promise<AttestationKeys> {
  const published = await publicKeys(db, AUTHORITIES.map(keyName));
  return new Map(
    published.flatMap(({ name, keyId, key }) => {
      const authority = AUTHORITIES.find((one) => keyName(one) === name);
      return authority ? [[keyId, { authority, key }] as const] : [];
    }),
  );
}

/** The key set (RFC 7517) with which anybody verifies attestations; `authority` says whom each speaks for. */
export async function attestationJwks(db: Database): Promise<JSONWebKeySet> {
  const keys = [...(await publishedAttestationKeys(db))].map(([kid, { authority, key }]) => ({
    ...key.export({ format: "jwk" }),
    ...{ kid, alg: "EdDSA", use: "sig", authority },
  }));
  return { keys };
}

async function openIfMade(keys: KeyStore, name: string): Promise<HeldKey | null> {
  try {
    return await keys.open(name);
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

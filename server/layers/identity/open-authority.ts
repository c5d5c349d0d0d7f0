import type { Database, Tx } from "../../../db/client.ts";
import type { HeldKey, KeyStore } from "../../keys/key-store.ts";
import { ECDSA_P256, type Signer } from "./engine/build-certificate.ts";
import type { Issuer } from "./schema.ts";
import { type AuthorityRow, activeAuthority } from "./store.ts";

/** An authority together with its private key, ready to sign. */
export type OpenAuthority = { row: AuthorityRow; signer: Signer };

/**
 * Opens the authority that signs for a purpose now. Only the worker's key store can.
 *
 * @throws UnavailableError `authority_missing`. @throws NotFoundError `key_missing`.
 */
export async function openAuthority(
  db: Database | Tx,
  keys: KeyStore,
  purpose: Issuer | "root",
): Promise<OpenAuthority> {
  const row = await activeAuthority(db, purpose);
  return { row, signer: signerOf(row.certificatePem, await keys.open(row.keyName)) };
}

/** The key as the certificate builder uses it. `certificatePem` is null while a root signs itself. */
export function signerOf(certificatePem: string | null, key: Pick<HeldKey, "privateKey">): Signer {
  return { certificatePem, key: key.privateKey.toCryptoKey(ECDSA_P256, false, ["sign"]) as CryptoKey };
}

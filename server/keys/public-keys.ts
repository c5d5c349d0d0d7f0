import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { asc, inArray } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import { sealedKeys } from "../../db/schema/index.ts";
import { keyThumbprint } from "../kernel/key-thumbprint.ts";

/** The public half of a key of Vigil's, which any process may read. */
export type PublicKey = { name: string; keyId: string; key: KeyObject };

/**
 * The public halves of named key pairs, of whatever role; those not made yet are left out. Ids are computed
 * from the keys themselves, whatever the row says.
 */
export async function publicKeys(db: Database | Tx, names: readonly string[]): Promise<PublicKey[]> {
  const rows = await db
    .select({ name: sealedKeys.name, publicJwk: sealedKeys.publicJwk })
    .from(sealedKeys)
    .where(inArray(sealedKeys.name, [...names]))
    .orderBy(asc(sealedKeys.name));
  return rows.flatMap(({ name, publicJwk }) => {
    if (!publicJwk) return [];
    const key = createPublicKey({ key: publicJwk as JsonWebKey, format: "jwk" });
    return [{ name, keyId: keyThumbprint(key), key }];
  });
}

import {
  createPrivateKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { and, eq } from "drizzle-orm";
import { calculateJwkThumbprint, type JWK } from "jose";
import type { Database, Tx } from "../../db/client.ts";
import { sealedKeys } from "../../db/schema/index.ts";
import { NotFoundError, VigilError } from "../kernel/errors.ts";
import type { KeyRole } from "./role-kek.ts";
import { seal, unseal } from "./seal.ts";

export type KeyAlgorithm = "EdDSA" | "ES256" | "secret";

/** A private key that this process may use; its bytes stay inside. */
export type HeldKey = {
  name: string;
  keyId: string;
  algorithm: KeyAlgorithm;
  privateKey: KeyObject;
  publicJwk: JWK | null;
};

/** Where Vigil's own private keys live. One store opens one role's keys; other roles' stay shut. */
export type KeyStore = {
  role: KeyRole;
  /**
   * @throws NotFoundError `key_missing` where no such key was made for this role. @throws VigilError
   * `sealed_blob_unopenable` where it was sealed under another key or altered, `key_unreadable` where what was sealed
   * is no key. Other errors are the database's.
   */
  open(name: string): Promise<HeldKey>;
  /** Opens the key, making it first where it is missing; two processes that race end with the same one. */
  openOrCreate(name: string, algorithm: KeyAlgorithm, now: Date): Promise<HeldKey>;
};

/** A key store of sealed blobs in PostgreSQL, opened with a role's key-encryption key. */
export function createKeyStore(db: Database | Tx, role: KeyRole, kek: Buffer): KeyStore {
  const context = (name: string) => `sealed_keys/${name}/${role}`;

  async function find(name: string): Promise<HeldKey | null> {
    const [row] = await db
      .select()
      .from(sealedKeys)
      .where(and(eq(sealedKeys.name, name), eq(sealedKeys.role, role)));
    if (!row) return null;
    const bytes = unseal(kek, context(name), row.sealed);
    const privateKey =
      row.algorithm === "secret" ? createSecretKey(bytes) : readPrivateKey(bytes, context(name));
    return {
      name,
      keyId: row.keyId,
      algorithm: row.algorithm as KeyAlgorithm,
      privateKey,
      publicJwk: row.publicJwk as JWK | null,
    };
  }

  return {
    role,
    async open(name) {
      const key = await find(name);
      if (!key)
        throw new NotFoundError("key_missing", `The key ${name} was not made for the role ${role}.`, {
          name,
          role,
        });
      return key;
    },
    async openOrCreate(name, algorithm, now) {
      const held = await find(name);
      if (held) return held;
      const made = await makeKey(algorithm);
      await db
        .insert(sealedKeys)
        .values({
          name,
          role,
          algorithm,
          publicJwk: made.publicJwk,
          keyId: made.keyId,
          sealed: seal(kek, context(name), made.bytes),
          createdAt: now,
        })
        .onConflictDoNothing();
      return this.open(name);
    },
  };
}

function readPrivateKey(bytes: Buffer, context: string): KeyObject {
  try {
    return createPrivateKey({ key: bytes, format: "der", type: "pkcs8" });
  } catch {
    throw new VigilError("key_unreadable", 500, `The sealed value ${context} opens, but is no private key.`, {
      context,
    });
  }
}

async function makeKey(
  algorithm: KeyAlgorithm,
): Promise<{ bytes: Buffer; publicJwk: JWK | null; keyId: string }> {
  if (algorithm === "secret")
    return { bytes: randomBytes(32), publicJwk: null, keyId: randomBytes(8).toString("hex") };
  const pair =
    algorithm === "EdDSA"
      ? generateKeyPairSync("ed25519")
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicJwk = pair.publicKey.export({ format: "jwk" }) as JWK;
  const keyId = await calculateJwkThumbprint(publicJwk);
  return {
    bytes: pair.privateKey.export({ format: "der", type: "pkcs8" }),
    publicJwk: { ...publicJwk, kid: keyId, alg: algorithm },
    keyId,
  };
}

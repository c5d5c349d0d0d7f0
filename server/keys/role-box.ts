import { and, eq } from "drizzle-orm";
import { CompactEncrypt, compactDecrypt, importJWK, type JWK } from "jose";
import type { Database, Tx } from "../../db/client.ts";
import { sealedKeys } from "../../db/schema/index.ts";
import { UnavailableError, VigilError } from "../kernel/errors.ts";
import type { KeyStore } from "./key-store.ts";
import type { KeyRole } from "./role-kek.ts";

/** Name of the key pair to which others seal what a role alone may open. */
const boxKeyName = (role: KeyRole) => `box:${role}`;

/** Makes the role's box, so that other processes can seal for it. Called by the role itself. */
export async function ensureBox(keys: KeyStore, now: Date): Promise<void> {
  await keys.openOrCreate(boxKeyName(keys.role), "ES256", now);
}

/**
 * Seals a text for another role (JWE, ECDH-ES with P-256, A256GCM): a console writes what only the worker
 * reads. `context` says where the blob lives; moved elsewhere it does not open.
 *
 * @throws UnavailableError `box_missing` while the role has not made its box.
 */
export async function sealForRole(
  db: Database | Tx,
  role: KeyRole,
  context: string,
  plain: string,
): Promise<Buffer> {
  const [row] = await db
    .select({ publicJwk: sealedKeys.publicJwk })
    .from(sealedKeys)
    .where(and(eq(sealedKeys.name, boxKeyName(role)), eq(sealedKeys.role, role)));
  if (!row?.publicJwk)
    throw new UnavailableError("box_missing", `The ${role} has never run: start it, then try again.`, {
      role,
    });
  const { kty, crv, x, y } = row.publicJwk as JWK;
  const jwe = await new CompactEncrypt(Buffer.from(plain, "utf8"))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", ctx: context })
    .encrypt(await importJWK({ kty, crv, x, y } as JWK, "ECDH-ES"));
  return Buffer.from(jwe, "ascii");
}

/** Opens what was sealed for this role. @throws VigilError `sealed_blob_unopenable`. */
export async function openForRole(keys: KeyStore, context: string, sealed: Buffer): Promise<string> {
  try {
    const { privateKey } = await keys.open(boxKeyName(keys.role));
    const { plaintext, protectedHeader } = await compactDecrypt(sealed.toString("ascii"), privateKey, {
      keyManagementAlgorithms: ["ECDH-ES"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    if (protectedHeader.ctx !== context) throw new Error("sealed for another place");
    return Buffer.from(plaintext).toString("utf8");
  } catch {
    throw new VigilError("sealed_blob_unopenable", 500, `The sealed value ${context} does not open.`, {
      context,
    });
  }
}

import { and, eq } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { sealedKeys } from "../../db/schema/index.ts";
import { ConflictError } from "../kernel/errors.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { roleKek } from "../keys/role-kek.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { activeAuthority } from "../layers/identity/store.ts";

/**
 * Takes the root's private key out of the database: it is handed over encrypted, and the sealed copy is removed only
 * when `keep` has put it away. Afterwards the installation works on; what needs the root waits for it.
 *
 * @param db as the owner of the tables: no running process may remove a key.
 * @param keep writes the PKCS #8 PEM (RFC 5958, encrypted with PBES2) where it survives, and throws where it cannot.
 * @throws NotFoundError `key_missing` where it was taken before. @throws ConflictError `root_key_gone`.
 */
export async function takeRootOffline(
  db: Database,
  by: { kek: Buffer; passphrase: string; keep: (pem: string) => void; now: Date },
): Promise<void> {
  const { kek, passphrase, keep, now } = by;
  await db.transaction(async (tx) => {
    const { keyName } = await activeAuthority(tx, "root");
    const { privateKey, keyId } = await createKeyStore(tx, "root", roleKek(kek, "root")).open(keyName);
    const removed = await tx
      .delete(sealedKeys)
      .where(and(eq(sealedKeys.name, keyName), eq(sealedKeys.role, "root")))
      .returning({ name: sealedKeys.name });
    if (removed.length === 0)
      throw new ConflictError("root_key_gone", "Somebody else took the root offline first.");
    await appendRecord(tx, {
      kind: "root.taken-offline",
      actor: { type: "system", id: "root" },
      now,
      details: { keyId },
    });
    const pem = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase });
    keep(pem.toString());
  });
}

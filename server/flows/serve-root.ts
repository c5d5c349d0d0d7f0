import { type KeyObject, X509Certificate } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { roleKek } from "../keys/role-kek.ts";
import { answerAuthorityRequests } from "../layers/identity/answer-authority-requests.ts";
import { type OpenAuthority, openAuthority, signerOf } from "../layers/identity/open-authority.ts";
import { signRootList } from "../layers/identity/sign-root-list.ts";
import { activeAuthority } from "../layers/identity/store.ts";
import { SET_UP_LOCK } from "./ensure-authorities.ts";

/**
 * Does what only the root's key can: certifies the authorities that people asked for and signs the root's revocation
 * list where one is due. Any number of callers may run it; each request is answered once.
 *
 * @param kek the whole key-encryption key: it opens the root's key, and seals a new issuing key for the worker alone.
 * @param offline the root's private key, where it is kept elsewhere.
 * @returns how many authorities were prepared and lists signed.
 * @throws UnavailableError `authority_missing` before the set-up has run. @throws NotFoundError `key_missing` where
 *   the root's key is kept elsewhere and was not given. @throws InvalidInputError `root_key_foreign`.
 */
export async function serveRoot(
  db: Database,
  kek: Buffer,
  now: Date,
  offline?: KeyObject,
): Promise<{ prepared: number; lists: number }> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${SET_UP_LOCK})`);
    const root = await openRoot(tx, kek, offline);
    const issuingKeys = createKeyStore(tx, "worker", roleKek(kek, "worker"));
    const prepared = await answerAuthorityRequests(tx, {
      root: root.signer,
      keys: issuingKeys,
      openSigner: async (row) => signerOf(row.certificatePem, await issuingKeys.open(row.keyName)),
      now,
    });
    const lists = await signRootList(tx, { root, now });
    return { prepared, lists };
  });
}

async function openRoot(tx: Tx, kek: Buffer, offline: KeyObject | undefined): Promise<OpenAuthority> {
  if (!offline) return openAuthority(tx, createKeyStore(tx, "root", roleKek(kek, "root")), "root");
  const row = await activeAuthority(tx, "root");
  if (!new X509Certificate(row.certificatePem).checkPrivateKey(offline))
    throw new InvalidInputError(
      "root_key_foreign",
      "This is not the private key of this installation's root.",
    );
  return { row, signer: signerOf(row.certificatePem, { privateKey: offline }) };
}

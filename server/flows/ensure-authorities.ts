import { sql } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import { present } from "../kernel/ensure.ts";
import { NotFoundError } from "../kernel/errors.ts";
import { createKeyStore, type HeldKey, type KeyStore } from "../keys/key-store.ts";
import { roleKek } from "../keys/role-kek.ts";
import { createAuthority } from "../layers/identity/create-authority.ts";
import { createTransportAnchor } from "../layers/identity/create-transport-anchor.ts";
import { doorHosts } from "../layers/identity/engine/door-hosts.ts";
import { DOOR_KEY, issueDoorCertificate } from "../layers/identity/issue-door-certificate.ts";
import { openAuthority, signerOf } from "../layers/identity/open-authority.ts";
import { ISSUERS } from "../layers/identity/schema.ts";
import { signRootList } from "../layers/identity/sign-root-list.ts";

export const SET_UP_LOCK = 0x76696761;

/**
 * Makes the root with its revocation list, the issuing authorities and the doors' certificate where they are
 * missing or end soon.
 * Several processes may call it at once. The root's key is sealed for the role `root`, which no running
 * process has; the issuing keys for the worker, the doors' key for the gateway.
 *
 * With the root offline what needs it is left: `vigil authority sign` does it.
 *
 * @param kek the whole key-encryption key: the one moment all roles' parts are at hand.
 */
export async function ensureAuthorities(
  db: Database,
  env: { gatewayUrl: string; enrolUrl: string; rootOffline?: boolean },
  kek: Buffer,
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${SET_UP_LOCK})`);
    const issuingKeys = createKeyStore(tx, "worker", roleKek(kek, "worker"));
    if (!env.rootOffline) await makeWithRoot(tx, { kek, issuingKeys, now });
    await createTransportAnchor(tx, { transport: await openAuthority(tx, issuingKeys, "transport"), now });
    const doorKeys = createKeyStore(tx, "gateway", roleKek(kek, "gateway"));
    const door = await doorKeys.openOrCreate(DOOR_KEY, "ES256", now);
    await issueDoorCertificate(tx, {
      server: await openAuthority(tx, issuingKeys, "server"),
      doorKey: present(door.publicJwk, "the door's public key"),
      hosts: doorHosts(env),
      now,
    });
  });
}

async function makeWithRoot(
  tx: Tx,
  { kek, issuingKeys, now }: { kek: Buffer; issuingKeys: KeyStore; now: Date },
): Promise<void> {
  const rootKeys = createKeyStore(tx, "root", roleKek(kek, "root"));
  const row = await createAuthority(tx, { purpose: "root", keys: rootKeys, root: null, now });
  const signer = signerOf(row.certificatePem, await openRootKey(rootKeys, row.keyName));
  for (const purpose of ISSUERS) await createAuthority(tx, { purpose, keys: issuingKeys, root: signer, now });
  await signRootList(tx, { root: { row, signer }, now });
}

async function openRootKey(keys: KeyStore, name: string): Promise<HeldKey> {
  try {
    return await keys.open(name);
  } catch (error) {
    if ((error as { code?: string }).code !== "key_missing") throw error;
    throw new NotFoundError(
      "root_key_elsewhere",
      "The root's key is not in this database. Where it is kept offline, set VIGIL_ROOT_OFFLINE=1.",
    );
  }
}

import { sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { present } from "../kernel/ensure.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { roleKek } from "../keys/role-kek.ts";
import { createAuthority } from "../layers/identity/create-authority.ts";
import { createTransportAnchor } from "../layers/identity/create-transport-anchor.ts";
import { doorHosts } from "../layers/identity/engine/door-hosts.ts";
import { DOOR_KEY, issueDoorCertificate } from "../layers/identity/issue-door-certificate.ts";
import { openAuthority, signerOf } from "../layers/identity/open-authority.ts";
import { ISSUERS } from "../layers/identity/schema.ts";
import { signRootList } from "../layers/identity/sign-root-list.ts";

const SET_UP_LOCK = 0x76696761;

/**
 * Makes the root with its revocation list, the issuing authorities and the doors' certificate where they are
 * missing or end soon.
 * Several processes may call it at once. The root's key is sealed for the role `root`, which no running
 * process has; the issuing keys for the worker, the doors' key for the gateway.
 *
 * @param kek the whole key-encryption key: the one moment all roles' parts are at hand.
 */
export async function ensureAuthorities(
  db: Database,
  env: { gatewayUrl: string; enrolUrl: string },
  kek: Buffer,
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${SET_UP_LOCK})`);
    const rootKeys = createKeyStore(tx, "root", roleKek(kek, "root"));
    const issuingKeys = createKeyStore(tx, "worker", roleKek(kek, "worker"));
    const doorKeys = createKeyStore(tx, "gateway", roleKek(kek, "gateway"));
    const rootRow = await createAuthority(tx, { purpose: "root", keys: rootKeys, root: null, now });
    const root = signerOf(rootRow.certificatePem, await rootKeys.open(rootRow.keyName));
    await signRootList(tx, { root: rootRow, signer: root, now });
    for (const purpose of ISSUERS) await createAuthority(tx, { purpose, keys: issuingKeys, root, now });
    await createTransportAnchor(tx, { transport: await openAuthority(tx, issuingKeys, "transport"), now });
    const door = await doorKeys.openOrCreate(DOOR_KEY, "ES256", now);
    await issueDoorCertificate(tx, {
      server: await openAuthority(tx, issuingKeys, "server"),
      doorKey: present(door.publicJwk, "the door's public key"),
      hosts: doorHosts(env),
      now,
    });
  });
}

import { createPublicKey } from "node:crypto";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { authorities } from "../../../db/schema/index.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import type { KeyStore } from "../../keys/key-store.ts";
import { appendRecord } from "../audit/append.ts";
import { drawSerial } from "./draw-serial.ts";
import { buildCertificate, type Signer } from "./engine/build-certificate.ts";
import { BACKDATE_MS, ISSUER_LIFE_MS, issuerKeyUsages, ROOT_LIFE_MS } from "./engine/profiles.ts";
import { signerOf } from "./open-authority.ts";
import type { Issuer } from "./schema.ts";
import { type AuthorityRow, authoritiesFor } from "./store.ts";

/** Renewed this long before the end, so that no leaf's life is cut short by its issuer's. */
const ISSUER_RENEW_MS = 180 * 86_400_000;

/**
 * Makes an authority where none of its purpose has enough life left, in the caller's transaction: the root
 * signs itself, an issuing authority is signed by `root`. The key is made in `keys`, the store of the one
 * role that may sign with it.
 */
export async function createAuthority(
  tx: Tx,
  wanted: { purpose: Issuer | "root"; keys: KeyStore; root: Signer | null; now: Date },
): Promise<AuthorityRow> {
  const { purpose, keys, root, now } = wanted;
  const present = await authoritiesFor(tx, purpose);
  const [newest] = present;
  if (newest && newest.notAfter.getTime() - now.getTime() > ISSUER_RENEW_MS) return newest;
  const id = uuidv7(now.getTime());
  const keyName = newest ? `ca:${purpose}:${id}` : `ca:${purpose}`;
  const key = await keys.openOrCreate(keyName, "ES256", now);
  const certificate = await buildCertificate(root ?? signerOf(null, key), {
    kind: "authority",
    serial: drawSerial(),
    commonName: purpose === "root" ? "Vigil root authority" : `Vigil ${purpose} authority`,
    publicKeySpki: createPublicKey(key.privateKey).export({ format: "der", type: "spki" }),
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + (purpose === "root" ? ROOT_LIFE_MS : ISSUER_LIFE_MS)),
    pathLength: purpose === "root" ? 1 : 0,
    extendedKeyUsage: purpose === "root" ? [] : issuerKeyUsages(purpose),
  });
  const { serialNumber, notBefore, notAfter } = certificate;
  const [row] = await tx
    .insert(authorities)
    .values({
      id,
      purpose,
      certificatePem: `${certificate.toString("pem")}\n`,
      keyName,
      notBefore,
      notAfter,
      createdAt: now,
    })
    .returning();
  await appendRecord(tx, {
    kind: "authority.created",
    actor: { type: "system", id: "set-up" },
    now,
    details: { purpose, serial: serialNumber, keyId: key.keyId, notAfter: notAfter.toISOString() },
  });
  await notify(tx, "certificate", id);
  return row as AuthorityRow;
}

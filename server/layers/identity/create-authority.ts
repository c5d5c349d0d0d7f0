import { createPublicKey } from "node:crypto";
import { eq } from "drizzle-orm";
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

type Wanted = { purpose: Issuer | "root"; keys: KeyStore; root: Signer | null; now: Date };

/**
 * Makes an authority that signs where none of its purpose has enough life left, in the caller's transaction: the root
 * signs itself, an issuing authority is signed by `root`. The key is made in `keys`, the store of the one role that
 * may sign with it. The authority before it is superseded.
 */
export async function createAuthority(tx: Tx, wanted: Wanted): Promise<AuthorityRow> {
  const { purpose, now } = wanted;
  const [newest] = await authoritiesFor(tx, purpose);
  if (newest && newest.notAfter.getTime() - now.getTime() > ISSUER_RENEW_MS) return newest;
  if (newest && purpose !== "root")
    await tx
      .update(authorities)
      .set({ status: "superseded", supersededAt: now })
      .where(eq(authorities.id, newest.id));
  return certifyAuthority(tx, { ...wanted, status: "active", first: !newest });
}

/**
 * Makes and certifies an authority's key, in the caller's transaction. Its name tells it from every other of its
 * purpose: verifiers look up issuers and revocation lists by name.
 */
export async function certifyAuthority(
  tx: Tx,
  wanted: Wanted & { status: "active" | "prepared"; first: boolean },
): Promise<AuthorityRow> {
  const { purpose, keys, root, now, status, first } = wanted;
  const id = uuidv7(now.getTime());
  const keyName = first ? `ca:${purpose}` : `ca:${purpose}:${id}`;
  const key = await keys.openOrCreate(keyName, "ES256", now);
  const certificate = await buildCertificate(root ?? signerOf(null, key), {
    kind: "authority",
    serial: drawSerial(),
    commonName: `Vigil ${purpose} authority${first ? "" : ` ${id.slice(-12)}`}`,
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
      status,
      activatedAt: status === "active" ? now : null,
      notBefore,
      notAfter,
      createdAt: now,
    })
    .returning();
  await appendRecord(tx, {
    kind: "authority.created",
    actor: { type: "system", id: "set-up" },
    now,
    details: {
      authorityId: id,
      purpose,
      status,
      serial: serialNumber,
      keyId: key.keyId,
      notAfter: notAfter.toISOString(),
    },
  });
  await notify(tx, "certificate", id);
  return row as AuthorityRow;
}

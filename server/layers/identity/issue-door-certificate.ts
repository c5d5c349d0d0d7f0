import { createPublicKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { and, eq, ne } from "drizzle-orm";
import type { JWK } from "jose";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { authorities } from "../../../db/schema/index.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { drawSerial } from "./draw-serial.ts";
import { buildCertificate } from "./engine/build-certificate.ts";
import { BACKDATE_MS, DOOR_PROFILE } from "./engine/profiles.ts";
import type { OpenAuthority } from "./open-authority.ts";
import { authoritiesFor } from "./store.ts";

export const DOOR_KEY = "door";
const RENEW_MS = DOOR_PROFILE.lifeMs / 3;

/**
 * Certifies the doors' key for these host names, where the certificate that is there ends soon, names other
 * hosts or is of an authority that signs no more. In the caller's transaction; gateways hear of it and present the new one to new connections.
 *
 * @param doorKey public key of the gateway's key `door`, whose private part only gateways open.
 * @returns whether a certificate was issued.
 */
export async function issueDoorCertificate(
  tx: Tx,
  wanted: { server: OpenAuthority; doorKey: JWK; hosts: readonly string[]; now: Date },
): Promise<boolean> {
  const { server, doorKey, hosts, now } = wanted;
  const publicKeySpki = createPublicKey({ key: doorKey, format: "jwk" }).export({
    format: "der",
    type: "spki",
  });
  const [current] = await authoritiesFor(tx, "door");
  const sameIssuer = current?.certificatePem.endsWith(server.row.certificatePem);
  if (current && sameIssuer && stillGood(current, publicKeySpki, hosts, now)) return false;
  const certificate = await buildCertificate(server.signer, {
    kind: "leaf",
    serial: drawSerial(),
    commonName: "Vigil gateway",
    publicKeySpki,
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + DOOR_PROFILE.lifeMs),
    keyUsage: DOOR_PROFILE.keyUsage,
    extendedKeyUsage: DOOR_PROFILE.extendedKeyUsage,
    names: hosts.map((value) => ({ type: isIP(value) ? "ip" : "dns", value })),
  });
  const id = uuidv7(now.getTime());
  const { serialNumber: serial, notBefore, notAfter } = certificate;
  const certificatePem = `${certificate.toString("pem")}\n${server.row.certificatePem}`;
  await tx
    .insert(authorities)
    .values({ id, purpose: "door", certificatePem, keyName: DOOR_KEY, notBefore, notAfter, createdAt: now });
  await tx
    .update(authorities)
    .set({ status: "superseded" })
    .where(and(eq(authorities.purpose, "door"), ne(authorities.id, id)));
  await appendRecord(tx, {
    kind: "door-certificate.issued",
    actor: { type: "system", id: "certificates" },
    now,
    details: { serial, hosts: [...hosts], notAfter: notAfter.toISOString() },
  });
  await notify(tx, "certificate", "door");
  return true;
}

function stillGood(
  current: { certificatePem: string; notAfter: Date },
  publicKeySpki: Buffer,
  hosts: readonly string[],
  now: Date,
): boolean {
  const certificate = new X509Certificate(current.certificatePem);
  return (
    current.notAfter.getTime() - now.getTime() > RENEW_MS &&
    certificate.publicKey.export({ format: "der", type: "spki" }).equals(publicKeySpki) &&
    hosts.every((host) => (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)))
  );
}

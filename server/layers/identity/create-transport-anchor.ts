import { X509Certificate } from "node:crypto";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { authorities } from "../../../db/schema/index.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { drawSerial } from "./draw-serial.ts";
import { buildCertificate } from "./engine/build-certificate.ts";
import { issuerKeyUsages } from "./engine/profiles.ts";
import type { OpenAuthority } from "./open-authority.ts";
import { authoritiesFor } from "./store.ts";

/**
 * Makes the transport authority an anchor: the same name and key, signed by itself. A door that trusts the
 * anchor and not the root lets no certificate of another purpose past its handshake; `node:tls` servers
 * cannot take an intermediate authority as an anchor. In the caller's transaction.
 */
export async function createTransportAnchor(
  tx: Tx,
  wanted: { transport: OpenAuthority; now: Date },
): Promise<void> {
  const { row, signer } = wanted.transport;
  const present = await authoritiesFor(tx, "transport-anchor");
  if (present.some((anchor) => anchor.keyName === row.keyName)) return;
  const { publicKey, subject } = new X509Certificate(row.certificatePem);
  const certificate = await buildCertificate(
    { certificatePem: null, key: signer.key },
    {
      kind: "authority",
      serial: drawSerial(),
      commonName: subject.replace(/^CN=/, ""),
      publicKeySpki: publicKey.export({ format: "der", type: "spki" }),
      notBefore: row.notBefore,
      notAfter: row.notAfter,
      pathLength: 0,
      extendedKeyUsage: issuerKeyUsages("transport"),
    },
  );
  const { serialNumber: serial, notBefore, notAfter } = certificate;
  await tx.insert(authorities).values({
    id: uuidv7(wanted.now.getTime()),
    purpose: "transport-anchor",
    certificatePem: `${certificate.toString("pem")}\n`,
    keyName: row.keyName,
    notBefore,
    notAfter,
    createdAt: wanted.now,
  });
  await appendRecord(tx, {
    kind: "authority.created",
    actor: { type: "system", id: "set-up" },
    now: wanted.now,
    details: { purpose: "transport-anchor", serial, notAfter: notAfter.toISOString() },
  });
  await notify(tx, "certificate", "door");
}

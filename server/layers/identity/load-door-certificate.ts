import type { Database } from "../../../db/client.ts";
import type { KeyStore } from "../../keys/key-store.ts";
import { activeAuthority, transportTrust } from "./store.ts";

/** What a door hands to `node:tls`, as it is. */
export type DoorCertificate = {
  /** PKCS #8 PEM. */
  key: string;
  /** The doors' certificate, then its issuer's. */
  cert: string;
  /**
   * The transport authorities as anchors of their own, and no other: a certificate of another purpose chains
   * to the same root, and its holder must not get past the handshake with it.
   */
  ca: string[];
  /** Ids of the transport authorities that `ca` stands for. */
  trusts: string[];
  notAfter: Date;
};

/**
 * The doors' key, certificate and trusted client authorities. Read again at a `certificate` notice.
 *
 * @param keys the gateway's key store.
 * @throws UnavailableError `authority_missing` before the set-up has run.
 */
export async function loadDoorCertificate(db: Database, keys: KeyStore): Promise<DoorCertificate> {
  const door = await activeAuthority(db, "door");
  const held = await keys.open(door.keyName);
  const { anchors, trusts } = await transportTrust(db);
  return {
    key: held.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    cert: door.certificatePem,
    ca: anchors.map((anchor) => anchor.certificatePem),
    trusts,
    notAfter: door.notAfter,
  };
}

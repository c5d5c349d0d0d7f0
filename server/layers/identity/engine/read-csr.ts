import "reflect-metadata";
import { createPublicKey } from "node:crypto";
import { Pkcs10CertificateRequest } from "@peculiar/x509";
import { calculateJwkThumbprint, type JWK } from "jose";
import { CSR_CHARS_MAX } from "../schema.ts";
import type { KeyType } from "./profiles.ts";

/** A certificate request (PKCS #10), taken apart. Every member is the requester's word but `proven`. */
export type Csr = {
  request: Pkcs10CertificateRequest;
  /** Whether its signature verifies with the key it names: the requester holds the private key. */
  proven: boolean;
  keyType: KeyType | null;
  publicJwk: JWK;
  /** RFC 7638 thumbprint of the key. */
  keyId: string;
};

const DEPTH_MAX = 32;
const NODES_MAX = 512;

/** Takes a PEM request apart, or null where it is none. The bytes are attacker-controlled. */
export async function readCsr(pem: string): Promise<Csr | null> {
  if (pem.length > CSR_CHARS_MAX || !pem.includes("-----BEGIN CERTIFICATE REQUEST-----")) return null;
  try {
    const request = new Pkcs10CertificateRequest(pem, {
      berOptions: { maxDepth: DEPTH_MAX, maxNodes: NODES_MAX, maxContentLength: CSR_CHARS_MAX },
    });
    const key = createPublicKey({
      key: Buffer.from(request.publicKey.rawData),
      format: "der",
      type: "spki",
    });
    const { kty, crv, x, y } = key.export({ format: "jwk" }) as JWK;
    const publicJwk: JWK = y === undefined ? { kty, crv, x } : { kty, crv, x, y };
    return {
      request,
      proven: await request.verify().catch(() => false),
      keyType: crv === "P-256" || crv === "Ed25519" ? crv : null,
      publicJwk,
      keyId: await calculateJwkThumbprint(publicJwk),
    };
  } catch {
    return null;
  }
}

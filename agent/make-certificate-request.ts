import "reflect-metadata";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import type { Purpose } from "../server/layers/identity/schema.ts";

const ED25519 = { name: "Ed25519" } as const;
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/**
 * Makes a new key for a purpose, and the request (PKCS #10) that proves its possession. The request names
 * nobody: Vigil knows who asks. Signatures are Ed25519, all else is P-256.
 */
export async function makeCertificateRequest(purpose: Purpose): Promise<{ keyPem: string; csrPem: string }> {
  const algorithm = purpose === "signature" ? ED25519 : ECDSA;
  const pair: { publicKey: KeyObject; privateKey: KeyObject } =
    purpose === "signature"
      ? generateKeyPairSync("ed25519")
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys: {
      privateKey: pair.privateKey.toCryptoKey(algorithm, false, ["sign"]) as CryptoKey,
      publicKey: pair.publicKey.toCryptoKey(algorithm, true, ["verify"]) as CryptoKey,
    },
    signingAlgorithm: algorithm,
  });
  return {
    keyPem: pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    csrPem: `${request.toString("pem")}\n`,
  };
}

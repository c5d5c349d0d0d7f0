import "reflect-metadata";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { type Attribute, type Extension, Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import type { KeyType } from "../engine/profiles.ts";
import { PURPOSES, type Purpose } from "../schema.ts";

const ALGORITHMS = {
  Ed25519: { name: "Ed25519" },
  "P-256": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  "P-384": { name: "ECDSA", namedCurve: "P-384", hash: "SHA-256" },
} as const;

export type TestKey = { publicKey: KeyObject; privateKey: KeyObject; type: keyof typeof ALGORITHMS };

export function makeKey(type: TestKey["type"] = "P-256"): TestKey {
  const pair: Omit<TestKey, "type"> =
    type === "Ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: type });
  return { ...pair, type };
}

/** The key type that agents use for a purpose. */
export function usualKeyType(purpose: Purpose): KeyType {
  return purpose === "signature" ? "Ed25519" : "P-256";
}

/** A certificate request as hostile as a test wants it. */
export async function makeCsr(wish: {
  key: TestKey;
  subject?: string;
  extensions?: Extension[];
  attributes?: Attribute[];
}): Promise<string> {
  const algorithm = ALGORITHMS[wish.key.type];
  const request = await Pkcs10CertificateRequestGenerator.create({
    ...(wish.subject === undefined ? {} : { name: wish.subject }),
    keys: {
      privateKey: wish.key.privateKey.toCryptoKey(algorithm, false, ["sign"]) as CryptoKey,
      publicKey: wish.key.publicKey.toCryptoKey(algorithm, true, ["verify"]) as CryptoKey,
    },
    signingAlgorithm: algorithm,
    ...(wish.extensions ? { extensions: wish.extensions } : {}),
    ...(wish.attributes ? { attributes: wish.attributes } : {}),
  });
  return `${request.toString("pem")}\n`;
}

/** An honest set of five requests and their keys. */
export async function makeCsrSet(): Promise<{
  keys: Record<Purpose, TestKey>;
  csrs: Record<Purpose, string>;
}> {
  const keys = {} as Record<Purpose, TestKey>;
  const csrs = {} as Record<Purpose, string>;
  for (const purpose of PURPOSES) {
    keys[purpose] = makeKey(usualKeyType(purpose));
    csrs[purpose] = await makeCsr({ key: keys[purpose] });
  }
  return { keys, csrs };
}

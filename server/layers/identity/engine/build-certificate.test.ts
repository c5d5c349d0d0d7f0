import "reflect-metadata";
import { createPublicKey, generateKeyPairSync, X509Certificate as NodeCertificate } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from "@peculiar/x509";
import { beforeAll, describe, expect, test } from "vitest";
import { drawSerial } from "../draw-serial.ts";
import { PURPOSES, type Purpose } from "../schema.ts";
import { buildCertificate, ECDSA_P256, type Signer } from "./build-certificate.ts";
import { EKU_DOCUMENT_SIGNING, issuerKeyUsages, PROFILES } from "./profiles.ts";

const NOW = new Date("2026-11-23T00:00:00.000Z");
const DAY_MS = 86_400_000;
const AGENT = "fraud-detector-001";
const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const spki = (key: ReturnType<typeof pair>) => key.publicKey.export({ format: "der", type: "spki" });
const cryptoKey = (key: ReturnType<typeof pair>) =>
  key.privateKey.toCryptoKey(ECDSA_P256, false, ["sign"]) as CryptoKey;

let root: Signer;
let issuers: Record<Purpose, Signer>;

async function authority(purpose: Purpose | "root", signer: Signer | null, days: number): Promise<Signer> {
  const key = pair();
  const certificate = await buildCertificate(signer ?? { certificatePem: null, key: cryptoKey(key) }, {
    kind: "authority",
    serial: drawSerial(),
    commonName: `test ${purpose}`,
    publicKeySpki: spki(key),
    notBefore: NOW,
    notAfter: new Date(NOW.getTime() + days * DAY_MS),
    pathLength: signer ? 0 : 1,
    extendedKeyUsage: purpose === "root" ? [] : issuerKeyUsages(purpose),
  });
  return { certificatePem: certificate.toString("pem"), key: cryptoKey(key) };
}

async function leaf(purpose: Purpose, issuer = issuers[purpose]): Promise<X509Certificate> {
  const profile = PROFILES[purpose];
  return buildCertificate(issuer, {
    kind: "leaf",
    serial: drawSerial(),
    commonName: AGENT,
    publicKeySpki: spki(pair()),
    notBefore: NOW,
    notAfter: new Date(NOW.getTime() + profile.lifeMs),
    keyUsage: profile.keyUsage,
    extendedKeyUsage: profile.extendedKeyUsage,
    names: profile.names(AGENT),
  });
}

beforeAll(async () => {
  root = await authority("root", null, 3650);
  const made = await Promise.all(PURPOSES.map(async (each) => [each, await authority(each, root, 1000)]));
  issuers = Object.fromEntries(made);
});

describe.each(PURPOSES)("a %s certificate", (purpose) => {
  test("is no authority, names its issuer's key and its own, and has critical key usages", async () => {
    const certificate = await leaf(purpose);
    expect(certificate.getExtension(BasicConstraintsExtension)).toMatchObject({ ca: false, critical: true });
    expect(certificate.getExtension(KeyUsagesExtension)).toMatchObject({ critical: true });
    const issuer = new X509Certificate(issuers[purpose].certificatePem ?? "");
    expect(certificate.getExtension("2.5.29.35")).toMatchObject({
      keyId: (issuer.getExtension("2.5.29.14") as unknown as { keyId: string }).keyId,
    });
    expect(certificate.getExtension("2.5.29.14")).not.toBeNull();
    expect(
      new NodeCertificate(certificate.toString("pem")).verify(createPublicKey(issuer.toString("pem"))),
    ).toBe(true);
  });

  test("may never sign certificates or revocation lists", async () => {
    const usages = (await leaf(purpose)).getExtension(KeyUsagesExtension)?.usages ?? 0xffff;
    expect(usages & (KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign)).toBe(0);
  });
});

test("each purpose has the key usage, extended key usage and name of its row in the profile table", async () => {
  const told = await Promise.all(
    PURPOSES.map(async (purpose) => {
      const certificate = await leaf(purpose);
      const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.toJSON();
      return [purpose, certificate.getExtension(KeyUsagesExtension)?.usages, names] as const;
    }),
  );
  const { digitalSignature, nonRepudiation, keyAgreement } = KeyUsageFlags;
  expect(told).toEqual([
    ["transport", digitalSignature, [{ type: "url", value: `spiffe://bank/agent/${AGENT}` }]],
    ["signature", digitalSignature | nonRepudiation, [{ type: "url", value: `did:bank:agent:${AGENT}` }]],
    ["oauth", digitalSignature, [{ type: "url", value: `did:bank:agent:${AGENT}` }]],
    ["callback", digitalSignature, [{ type: "dns", value: `${AGENT}.agents.internal` }]],
    ["encryption", keyAgreement, [{ type: "url", value: `did:bank:agent:${AGENT}` }]],
  ]);
  const usages = async (purpose: Purpose) =>
    (await leaf(purpose)).getExtension(ExtendedKeyUsageExtension)?.usages;
  expect(await usages("transport")).toEqual([ExtendedKeyUsage.clientAuth, ExtendedKeyUsage.serverAuth]);
  expect(await usages("signature")).toEqual([EKU_DOCUMENT_SIGNING]);
  expect(await usages("oauth")).toEqual([ExtendedKeyUsage.clientAuth]);
  expect(await usages("callback")).toEqual([ExtendedKeyUsage.serverAuth]);
  expect(await usages("encryption")).not.toContain(ExtendedKeyUsage.clientAuth);
  expect(await usages("encryption")).not.toContain(ExtendedKeyUsage.serverAuth);
});

test("lifetimes are a day, thirty days and ninety days", () => {
  expect(PURPOSES.map((purpose) => PROFILES[purpose].lifeMs / DAY_MS)).toEqual([1, 30, 90, 90, 90]);
});

test("a leaf never outlives its issuer", async () => {
  const brief = await authority("encryption", root, 10);
  const certificate = await leaf("encryption", brief);
  expect(certificate.notAfter.getTime()).toBe(NOW.getTime() + 10 * DAY_MS);
});

test("an authority's certificate binds everything below it to its purpose", async () => {
  const issuer = new X509Certificate(issuers.signature.certificatePem ?? "");
  expect(issuer.getExtension(ExtendedKeyUsageExtension)?.usages).toEqual([EKU_DOCUMENT_SIGNING]);
  expect(issuer.getExtension(BasicConstraintsExtension)).toMatchObject({ ca: true, pathLength: 0 });
});

test("serials are positive, within 20 octets, and differ", () => {
  const serials = Array.from({ length: 2_000 }, drawSerial);
  expect(new Set(serials).size).toBe(2_000);
  for (const serial of serials) {
    expect(serial.length).toBeLessThanOrEqual(40);
    expect(Number.parseInt(serial.slice(0, 2), 16)).toBeGreaterThanOrEqual(0x40);
    expect(Number.parseInt(serial.slice(0, 2), 16)).toBeLessThan(0x80);
  }
});

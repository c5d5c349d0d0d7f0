import "reflect-metadata";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { X509Crl, X509CrlReason } from "@peculiar/x509";
import { beforeAll, describe, expect, it } from "vitest";
import { buildCertificate, ECDSA_P256, type Signer } from "./build-certificate.ts";
import { buildCrl } from "./build-crl.ts";

const T = new Date("2026-11-23T12:00:00Z");
const later = (hours: number) => new Date(T.getTime() + hours * 3_600_000);
let signer: Signer;
let certificatePem: string;
beforeAll(async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.toCryptoKey(ECDSA_P256, false, ["sign"]) as CryptoKey;
  const made = await buildCertificate(
    { certificatePem: null, key },
    {
      ...{
        kind: "authority",
        pathLength: 0,
        extendedKeyUsage: [],
        serial: "0a",
        commonName: "Test authority",
      },
      publicKeySpki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
      ...{ notBefore: later(-1), notAfter: later(1_000) },
    },
  );
  certificatePem = made.toString("pem");
  signer = { certificatePem, key };
});

const list = (revoked: { serial: string; revokedAt: Date; reason: string | null }[], number = 7) =>
  buildCrl(signer, { number, thisUpdate: T, nextUpdate: later(24), revoked });
const read = (bytes: Buffer) => new X509Crl(new Uint8Array(bytes));

/** What OpenSSL makes of it. */
function openssl(bytes: Buffer, ...args: string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), "vigil-crl-"));
  try {
    writeFileSync(path.join(folder, "ca.pem"), certificatePem);
    writeFileSync(path.join(folder, "list.crl"), bytes);
    const asked = ["crl", "-inform", "DER", "-in", "list.crl", ...args];
    const { stdout, stderr } = spawnSync("openssl", asked, { cwd: folder, encoding: "utf8" });
    return `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("a revocation list", () => {
  it("names each certificate with the reason and the second, and is the authority's by its signature", async () => {
    const reasons: [string | null, X509CrlReason | undefined][] = [
      ["superseded", X509CrlReason.superseded],
      ["re-enrolled", X509CrlReason.superseded],
      ["key-compromise", X509CrlReason.keyCompromise],
      ["retired", X509CrlReason.cessationOfOperation],
      ["banned", X509CrlReason.privilegeWithdrawn],
      ["a reason of a newer version", undefined],
      [null, undefined],
    ];
    const serials = ["01", "7f", "80ff", "00ab", "ff".repeat(19), "1234567890abcdef", "0a"];
    const made = await list(
      reasons.map(([reason], at) => ({ serial: serials[at] ?? "", revokedAt: later(-at), reason })),
    );
    const crl = read(made);
    expect(crl.entries).toHaveLength(reasons.length);
    for (const [at, [, code]] of reasons.entries()) {
      const entry = crl.entries[at];
      expect(BigInt(`0x${entry?.serialNumber}`)).toBe(BigInt(`0x${serials[at]}`));
      expect(entry?.revocationDate).toEqual(later(-at));
      expect(entry?.reason).toBe(code);
    }
    expect([crl.issuer, crl.thisUpdate, crl.nextUpdate]).toEqual(["CN=Test authority", T, later(24)]);
  });

  it("is read and believed by OpenSSL, and not once a byte of it was changed", async () => {
    const made = await list([{ serial: "80ff", revokedAt: T, reason: "key-compromise" }], 300);
    const text = openssl(made, "-noout", "-text", "-CAfile", "ca.pem");
    for (const said of [
      "Version 2",
      "ecdsa-with-SHA256",
      "80FF",
      "Key Compromise",
      "Authority Key Identifier",
    ])
      expect(text).toContain(said);
    expect(text).toMatch(/CRL Number:\s+300/);
    const verdict = (bytes: Buffer) => openssl(bytes, "-noout", "-CAfile", "ca.pem");
    expect(verdict(made)).toContain("verify OK");
    const at = made.indexOf(Buffer.from("80ff", "hex"));
    const altered = Buffer.from(made);
    altered[at + 1] = 0xfe;
    expect(verdict(altered)).toContain("verify failure");
  });

  it("without entries is still one", async () => {
    const made = await list([]);
    expect(read(made).entries).toEqual([]);
    expect(openssl(made, "-noout", "-text")).toContain("No Revoked Certificates");
  });

  it("of five thousand is made within half a second", async () => {
    const revoked = Array.from({ length: 5_000 }, (_, at) => ({
      ...{ serial: (2 ** 40 + at).toString(16), revokedAt: T, reason: "key-compromise" },
    }));
    const startedAt = performance.now();
    const made = await list(revoked);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(openssl(made, "-noout", "-text").match(/Serial Number/g)).toHaveLength(5_000);
  });
});

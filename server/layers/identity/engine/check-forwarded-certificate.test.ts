import "reflect-metadata";
import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { KeyUsageFlags } from "@peculiar/x509";
import { beforeAll, describe, expect, it } from "vitest";
import { buildCertificate, ECDSA_P256, type Signer } from "./build-certificate.ts";
import { checkForwardedCertificate, isInTime } from "./check-forwarded-certificate.ts";
import { PROFILES } from "./profiles.ts";

const FROM = new Date("2026-03-02T10:00:00Z");
const TO = new Date("2026-03-03T10:00:00Z");
const CA_TO = new Date("2029-03-03T10:00:00Z");

type Made = { der: Buffer; certificate: X509Certificate; signer: Signer };
async function make(
  kind: "authority" | "leaf",
  issuer: Signer | null,
  usages: readonly string[],
): Promise<Made> {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = pair.privateKey.toCryptoKey(ECDSA_P256, false, ["sign"]) as CryptoKey;
  const common = {
    serial: "1234abcd",
    commonName: kind === "authority" ? "Test authority" : "agent-1",
    publicKeySpki: pair.publicKey.export({ format: "der", type: "spki" }),
    notBefore: FROM,
    extendedKeyUsage: usages,
  };
  const made = await buildCertificate(
    issuer ?? { certificatePem: null, key },
    kind === "authority"
      ? { ...common, kind, notAfter: CA_TO, pathLength: 0 }
      : {
          ...{ ...common, kind, notAfter: TO, keyUsage: KeyUsageFlags.digitalSignature },
          names: [{ type: "url", value: "spiffe://bank/agent/agent-1" }],
        },
  );
  const certificate = new X509Certificate(made.toString("pem"));
  return { der: certificate.raw, certificate, signer: { certificatePem: made.toString("pem"), key } };
}

const { extendedKeyUsage } = PROFILES.transport;
let anchor: Made;
let other: Made;
let leaf: Made;
beforeAll(async () => {
  anchor = await make("authority", null, extendedKeyUsage);
  // The same name, another key: what an impostor would make.
  other = await make("authority", null, extendedKeyUsage);
  leaf = await make("leaf", anchor.signer, extendedKeyUsage);
});
const check = (der: Buffer, hash: string | null = null, anchors = [anchor.certificate]) =>
  checkForwardedCertificate({ der, hash }, anchors);
const reasonOf = (checked: ReturnType<typeof check>) => (checked.ok ? "good" : checked.code);

describe("a forwarded certificate", () => {
  it("counts where an anchor signed it for clients, and is known by its SHA-256", () => {
    const thumbprint = createHash("sha256").update(leaf.der).digest("base64url");
    expect(check(leaf.der)).toMatchObject({ ok: true, thumbprint });
  });

  it("counts under the newer of two anchors as well", () => {
    expect(reasonOf(check(leaf.der, null, [other.certificate, anchor.certificate]))).toBe("good");
  });

  it("does not count where an authority of the same name, with another key, signed it", async () => {
    const forged = await make("leaf", other.signer, extendedKeyUsage);
    expect(forged.certificate.issuer).toBe(leaf.certificate.issuer);
    expect(reasonOf(check(forged.der))).toBe("certificate_untrusted");
  });

  it("does not count without anchors", () => {
    expect(reasonOf(check(leaf.der, null, []))).toBe("certificate_untrusted");
  });

  it("does not count where one byte of it was altered", () => {
    for (const place of [40, Math.floor(leaf.der.length / 2), leaf.der.length - 4]) {
      const altered = Buffer.from(leaf.der);
      altered.writeUInt8(altered.readUInt8(place) ^ 1, place);
      expect(reasonOf(check(altered))).toMatch(
        /^(certificate_untrusted|client_certificate_header_malformed)$/,
      );
    }
  });

  it("does not count with bytes after it, cut short, or where it is none", () => {
    for (const der of [
      Buffer.concat([leaf.der, Buffer.from([0])]),
      leaf.der.subarray(0, -1),
      Buffer.from("x"),
    ])
      expect(reasonOf(check(der))).toBe("client_certificate_header_malformed");
  });

  it("does not count as DER where it is PEM", () => {
    expect(reasonOf(check(Buffer.from(leaf.certificate.toString())))).toBe(
      "client_certificate_header_malformed",
    );
  });

  it("does not count where it is the anchor itself, or made for servers alone", async () => {
    expect(reasonOf(check(anchor.der))).toBe("certificate_purpose_wrong");
    const server = await make("leaf", anchor.signer, ["1.3.6.1.5.5.7.3.1"]);
    expect(reasonOf(check(server.der))).toBe("certificate_purpose_wrong");
  });

  it("does not count under a hash of another, and does under its own", () => {
    const own = createHash("sha256").update(leaf.der).digest("hex");
    expect(reasonOf(check(leaf.der, own))).toBe("good");
    expect(reasonOf(check(leaf.der, own.replace(/^./, own.startsWith("0") ? "1" : "0")))).toBe(
      "client_certificate_header_malformed",
    );
  });

  it("that does not count is kept for the record, so that a finding can name it", async () => {
    const forged = await make("leaf", other.signer, extendedKeyUsage);
    expect(check(forged.der)).toMatchObject({ ok: false, certificate: { subject: "CN=agent-1" } });
  });
});

describe("its times", () => {
  it.each([
    [new Date(FROM.getTime() - 1), false],
    [FROM, true],
    [new Date(TO.getTime() - 1), true],
    [TO, false],
  ])("at %s: %s", (now, counts) => {
    expect(isInTime(leaf.certificate, now)).toBe(counts);
  });
});

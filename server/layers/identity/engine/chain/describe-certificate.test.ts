import { createHash, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { AGENT, issuer, leaf, root, transportLeaf } from "../../testing/chain-world.ts";
import { dns, ext, type Forged, keyIdOf, uri } from "../../testing/forge.ts";
import { pem, tlv } from "../../testing/write-der.ts";
import { describeCertificate } from "./describe-certificate.ts";
import { derOf } from "./pem.ts";
import { readCertificate } from "./read-certificate.ts";

const described = ({ der }: Forged) => {
  const certificate = readCertificate(der);
  if (typeof certificate === "string") throw new Error(certificate);
  return describeCertificate(certificate);
};

test("a certificate's fields are those that node reads, too", () => {
  const fields = described(leaf);
  const node = new X509Certificate(leaf.der);
  expect(fields.serial.toUpperCase()).toBe(node.serialNumber);
  expect(fields.thumbprintHex.toUpperCase()).toBe(node.fingerprint256.replaceAll(":", ""));
  expect(fields.thumbprint).toBe(createHash("sha256").update(leaf.der).digest("base64url"));
  expect([fields.notBefore, fields.notAfter]).toEqual([node.validFromDate, node.validToDate]);
  expect(fields).toMatchObject({
    subject: "CN=agent one",
    issuer: "CN=Test transport authority",
    names: [`URI:spiffe://bank/agent/${AGENT}`],
    keyUsage: ["digitalSignature"],
    extendedKeyUsage: ["clientAuth", "serverAuth"],
    ...{ authority: false, pathLength: null, key: "P-256", signature: "ECDSA with SHA-256" },
    subjectKeyId: keyIdOf(leaf.key).toString("hex"),
    authorityKeyId: keyIdOf(issuer.key).toString("hex"),
  });
});

test("an authority's say what it may, and names of every kind are told", () => {
  expect(described(root)).toMatchObject({
    ...{ authority: true, pathLength: 1, keyUsage: ["keyCertSign", "cRLSign"], extendedKeyUsage: [] },
  });
  const many = transportLeaf(issuer, {
    more: [
      ext.names(uri("a:b"), dns("c.d"), tlv(0x87, Buffer.from([127, 0, 0, 1])), tlv(0x88, Buffer.from([1]))),
    ],
  });
  expect(described(many).names).toEqual(["URI:a:b", "DNS:c.d", "IP:7f000001", "OTHER:kind 8"]);
});

test("PEM is read block by block, and what is between and around is passed over", () => {
  const text = `subject=x\n${pem("CERTIFICATE", leaf.der)}words\r\n${pem("CERTIFICATE", root.der).replaceAll("\n", "\r\n")}`;
  expect(derOf(text, "CERTIFICATE")).toEqual([leaf.der, root.der]);
  expect(derOf(text, "X509 CRL")).toEqual([]);
  expect(derOf("-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----", "CERTIFICATE")).toEqual([]);
});

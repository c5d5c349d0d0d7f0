import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { der, derInteger, derSignature, derTime, sequence } from "./der.ts";

const hexOf = (bytes: Buffer) => bytes.toString("hex");

describe("lengths", () => {
  it.each([
    [0, "0400"],
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [65_536, "0483010000"],
  ])("%i", (length, head) => {
    expect(hexOf(der(0x04, Buffer.alloc(length))).slice(0, head.length)).toBe(head);
  });
});

describe("whole numbers", () => {
  it.each([
    ["0", "020100"],
    ["00", "020100"],
    ["1", "020101"],
    ["7f", "02017f"],
    ["80", "02020080"],
    ["0080", "02020080"],
    ["ff00", "020300ff00"],
    ["100", "02020100"],
  ])("%s", (hex, expected) => expect(hexOf(derInteger(hex))).toBe(expected));

  it("have the fewest octets and are never negative", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 159n }), (value) => {
        const bytes = derInteger(value.toString(16));
        const content = bytes.subarray(2);
        expect(BigInt(`0x${content.toString("hex")}`)).toBe(value);
        expect((content[0] ?? 0) & 0x80).toBe(0);
        if (content.length > 1 && content[0] === 0) expect((content[1] ?? 0) & 0x80).toBe(0x80);
      }),
    );
  });
});

describe("instants", () => {
  it.each([
    ["2026-11-23T12:34:56.789Z", 0x17, "261123123456Z"],
    ["2049-12-31T23:59:59Z", 0x17, "491231235959Z"],
    ["2050-01-01T00:00:00Z", 0x18, "20500101000000Z"],
  ])("%s", (at, tag, text) => {
    const bytes = derTime(new Date(at));
    expect(bytes[0]).toBe(tag);
    expect(bytes.subarray(2).toString()).toBe(text);
  });
});

it("a signature of WebCrypto verifies as certificates carry it, whatever its numbers begin with", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = createPublicKey(publicKey.export({ format: "pem", type: "spki" }));
  for (let i = 0; i < 200; i++) {
    const message = Buffer.from([i]);
    const raw = sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
    expect(verify("sha256", message, key, derSignature(raw))).toBe(true);
  }
  expect(hexOf(sequence(derInteger("1"), derInteger("2")))).toBe("3006020101020102");
});

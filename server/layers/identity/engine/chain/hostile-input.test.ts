import fc from "fast-check";
import { expect, test } from "vitest";
import {
  AGENT,
  factsOf,
  issuer,
  issuerList,
  leaf,
  rootList,
  transportLeaf,
} from "../../testing/chain-world.ts";
import { ext, forgeCrl, uri } from "../../testing/forge.ts";
import { integer, octets, seq, tlv } from "../../testing/write-der.ts";
import { describeCertificate } from "./describe-certificate.ts";
import { readCertificate } from "./read-certificate.ts";
import { readCrl } from "./read-crl.ts";
import { CHAIN_CHECKS, validateChain } from "./validate-chain.ts";

/** A list of what is refused, as it should be: all of the checks, some of them not passed. */
function refused(facts: Parameters<typeof factsOf>[0]): void {
  const { outcome, checks } = validateChain(factsOf(facts));
  expect(outcome).toBe("deny");
  expect(checks.map(({ id }) => id)).toEqual([...CHAIN_CHECKS]);
}

test("no byte of a certificate can be changed without being refused", () => {
  for (let at = 0; at < leaf.der.length; at++) {
    const changed = Buffer.from(leaf.der);
    changed.writeUInt8(changed.readUInt8(at) ^ 0x01, at);
    refused({ leaf: changed });
  }
});

test("no bits of a certificate, a chain or a list can be changed without being refused", () => {
  const parts = { leaf: leaf.der, issuer: issuer.der, list: issuerList };
  fc.assert(
    fc.property(
      fc.constantFrom("leaf" as const, "issuer" as const, "list" as const),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (which, place, mask) => {
        const changed = Buffer.from(parts[which]);
        const at = place % changed.length;
        changed.writeUInt8(changed.readUInt8(at) ^ mask, at);
        if (which === "leaf") refused({ leaf: changed });
        else if (which === "issuer") refused({ intermediates: [changed] });
        else refused({ crls: [rootList, changed] });
      },
    ),
    { numRuns: 300 },
  );
});

test("whatever the bytes are, the answer is a decision", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(bytes, bytes, bytes, bytes, (one, two, three, four) =>
      refused({ leaf: one, intermediates: [two], anchors: [three], crls: [four] }),
    ),
    { numRuns: 300 },
  );
});

test("parts of a good certificate put elsewhere never throw", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat({ max: 40 }), (from, to, count) => {
      const changed = Buffer.from(leaf.der);
      const start = from % changed.length;
      changed.copy(changed, to % changed.length, start, start + count);
      const read = readCertificate(changed);
      if (typeof read !== "string") describeCertificate(read);
    }),
    { numRuns: 2_000 },
  );
});

test("a value nested two thousand deep costs no stack", () => {
  let nested: Buffer = integer(1);
  for (let depth = 0; depth < 2_000; depth++) nested = seq(nested);
  refused({ leaf: nested, crls: [nested] });
  expect(readCrl(Buffer.concat([nested]))).toBeTypeOf("string");
});

test("what is too large is not read", () => {
  refused({ leaf: seq(octets(Buffer.alloc(17 * 1024))) });
  expect(readCrl(Buffer.alloc(4 * 1024 * 1024 + 1))).toContain("at most");
});

test("a list of ten thousand revocations is read, and finds the one", () => {
  const revoked = Array.from({ length: 10_000 }, (_, n) => Buffer.from([0x52, n >> 8, n & 0xff]));
  const mine = transportLeaf(issuer, { serial: Buffer.from([0x52, 0x12, 0x34]) });
  const { checks } = validateChain(
    factsOf({ leaf: mine.der, crls: [rootList, forgeCrl(issuer, { revoked })] }),
  );
  expect(checks.filter((check) => !check.passed).map(({ id }) => id)).toEqual(["not-revoked"]);
});

test("names with NUL, spaces, line ends or letters beyond ASCII make a certificate unreadable", () => {
  for (const name of [
    "spiffe://bank/agent/payments-1\0.evil",
    "spiffe://bank/agent/pay 1",
    "spiffe://bank/agent/payménts",
  ])
    refused({ leaf: transportLeaf(issuer, { more: [ext.names(uri(name))] }).der });
});

test("a subject cannot write control characters or direction marks into a sentence", () => {
  const hostile = transportLeaf(issuer, {
    subject: "x\u202e\u0007\u001b[31m",
    notAfter: new Date("2026-11-24T03:00:00Z"),
  });
  const { checks } = validateChain(factsOf({ leaf: hostile.der }));
  expect(checks.map(({ detail }) => detail).join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test("a crowd of authorities with one name does not keep the search busy", () => {
  const crowd = Array.from({ length: 40 }, () => issuer.der);
  const started = process.hrtime.bigint();
  refused({ intermediates: crowd });
  expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(2_000);
});

test("an alternative name of a kind that is not used is told, not passed over", () => {
  const both = transportLeaf(issuer, {
    more: [ext.names(uri(`spiffe://bank/agent/${AGENT}`), tlv(0x81, Buffer.from("a@bank")))],
  });
  const { checks } = validateChain(factsOf({ leaf: both.der }));
  expect(checks.find(({ id }) => id === "subject-alternative-name")?.detail).toContain("email a@bank");
});

import "reflect-metadata";
import {
  Attribute,
  BasicConstraintsExtension,
  ChallengePasswordAttribute,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
} from "@peculiar/x509";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PURPOSES, type Purpose } from "../schema.ts";
import { makeCsr, makeKey, type TestKey, usualKeyType } from "../testing/make-csr.ts";
import { checkCsr } from "./check-csr.ts";
import { PROFILES } from "./profiles.ts";
import { readCsr } from "./read-csr.ts";

const AGENT = "payment-analyzer-003";

async function judge(
  purpose: Purpose,
  wish: Partial<Parameters<typeof makeCsr>[0]> & { keyType?: TestKey["type"] } = {},
  keyInUse = false,
) {
  const key = wish.key ?? makeKey(wish.keyType ?? usualKeyType(purpose));
  const csr = await readCsr(await makeCsr({ ...wish, key }));
  const decision = checkCsr({ csr, agent: AGENT, purpose, keyInUse });
  return { ...decision, failed: decision.checks.filter((check) => !check.passed).map((check) => check.id) };
}

describe.each(PURPOSES)("a request for %s", (purpose) => {
  test("is allowed when it names nobody", async () => {
    expect(await judge(purpose)).toMatchObject({ outcome: "allow", failed: [] });
  });

  test("is allowed when it asks for exactly its profile", async () => {
    const profile = PROFILES[purpose];
    const extensions = [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(profile.keyUsage, true),
      new ExtendedKeyUsageExtension([...profile.extendedKeyUsage]),
      new SubjectAlternativeNameExtension(profile.names(AGENT)),
    ];
    expect(await judge(purpose, { subject: `CN=${AGENT}`, extensions })).toMatchObject({ failed: [] });
  });

  test.each([
    ["to be an authority", [new BasicConstraintsExtension(true, 0, true)]],
    ["to sign certificates", [new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)]],
    ["to sign code", [new ExtendedKeyUsageExtension([ExtendedKeyUsage.codeSigning])]],
    [
      "another agent's name",
      [new SubjectAlternativeNameExtension([{ type: "url", value: "spiffe://bank/agent/other" }])],
    ],
    ["a host name", [new SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])]],
    ["an extension that nobody knows", [new Extension("1.2.3.4", false, new Uint8Array([5, 0]))]],
  ])("is refused when it asks %s", async (_, extensions) => {
    expect(await judge(purpose, { extensions })).toMatchObject({
      outcome: "deny",
      failed: ["within-profile"],
    });
  });

  test("is refused when its subject is somebody else", async () => {
    expect(await judge(purpose, { subject: "CN=admin" })).toMatchObject({ failed: ["within-profile"] });
    expect(await judge(purpose, { subject: `CN=${AGENT}, O=Bank` })).toMatchObject({ outcome: "deny" });
  });

  test("is refused when its key is in use", async () => {
    expect(await judge(purpose, {}, true)).toMatchObject({ outcome: "deny", failed: ["key-once"] });
  });

  test("is refused with a key of another kind", async () => {
    expect(await judge(purpose, { keyType: "P-384" })).toMatchObject({ failed: ["key-type"] });
  });
});

test("an encryption key cannot be Ed25519, which agrees on no keys", async () => {
  expect(await judge("encryption", { keyType: "Ed25519" })).toMatchObject({ failed: ["key-type"] });
});

test("a transport request cannot ask for the extended key usage of signatures", async () => {
  const extensions = [new ExtendedKeyUsageExtension([...PROFILES.signature.extendedKeyUsage])];
  expect(await judge("transport", { extensions })).toMatchObject({ failed: ["within-profile"] });
});

test("a request whose key was swapped after signing proves nothing", async () => {
  const pem = await makeCsr({ key: makeKey() });
  const other = makeKey().publicKey.export({ format: "der", type: "spki" });
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const at = der.indexOf(other.subarray(0, 26));
  other.copy(der, at);
  const swapped = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
  const csr = await readCsr(swapped);
  expect(csr?.proven).toBe(false);
  const decision = checkCsr({ csr, agent: AGENT, purpose: "transport", keyInUse: false });
  expect(decision.outcome).toBe("deny");
  expect(decision.checks.filter((check) => !check.passed).map((check) => check.id)).toEqual([
    "key-possession",
  ]);
});

test("a challenge password, which nobody checks, is refused rather than ignored", async () => {
  expect(await judge("oauth", { attributes: [new ChallengePasswordAttribute("x")] })).toMatchObject({
    failed: ["within-profile"],
  });
});

test("an unknown attribute is refused", async () => {
  const attributes = [new Attribute("1.2.3.4", [new Uint8Array([5, 0])])];
  expect(await judge("oauth", { attributes })).toMatchObject({ failed: ["within-profile"] });
});

test("no flipped byte throws, or gets anything past the checks that was not asked and proven before", async () => {
  const pem = await makeCsr({ key: makeKey() });
  const honest = await readCsr(pem);
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  await fc.assert(
    fc.asyncProperty(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bent = Buffer.from(der);
      bent[at] = (bent[at] ?? 0) ^ flip;
      const text = `-----BEGIN CERTIFICATE REQUEST-----\n${bent.toString("base64")}\n-----END CERTIFICATE REQUEST-----`;
      const csr = await readCsr(text);
      const decision = checkCsr({ csr, agent: AGENT, purpose: "transport", keyInUse: false });
      if (decision.outcome === "allow") expect(csr?.publicJwk).toEqual(honest?.publicJwk);
    }),
    { numRuns: 300 },
  );
});

test("what is not a request, or a very long one, is not read", async () => {
  expect(await readCsr("hello")).toBeNull();
  expect(await readCsr(`-----BEGIN CERTIFICATE REQUEST-----${"A".repeat(10_000)}`)).toBeNull();
});

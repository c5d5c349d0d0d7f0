import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Negotiated, TLS_SUITES, tlsPolicyFrom } from "../connection-schema.ts";
import { isAllowed, judgeConnection, policyLines } from "./judge-connection.ts";

const modern: Negotiated = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", keyExchange: "" };
const strict = tlsPolicyFrom("TLSv1.3");
const rulesOf = (known: Negotiated[], seen: Negotiated, policy = strict) =>
  judgeConnection({ known, seen, policy }).map((it) => [it.rule, it.severity]);

describe("the policy", () => {
  it("is the seed's two suites and no other under TLS 1.3", () => {
    expect(policyLines(strict)).toEqual(["TLSv1.3 TLS_AES_256_GCM_SHA384", "TLSv1.3 TLS_AES_128_GCM_SHA256"]);
    expect(isAllowed(strict, { ...modern, cipher: "TLS_CHACHA20_POLY1305_SHA256" })).toBe(false);
  });

  it("takes TLS 1.2 only where it is asked for, with ephemeral ECDSA AES-GCM alone", () => {
    const old = { version: "TLSv1.2", cipher: "ECDHE-ECDSA-AES128-GCM-SHA256", keyExchange: "" };
    expect(isAllowed(strict, old)).toBe(false);
    const lax = tlsPolicyFrom("TLSv1.2");
    expect(isAllowed(lax, old)).toBe(true);
    for (const cipher of ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"])
      expect(isAllowed(lax, { ...old, cipher })).toBe(false);
  });

  it("does not take a suite of one version under another, nor a version that is a name of an object's own", () => {
    expect(isAllowed(tlsPolicyFrom("TLSv1.2"), { ...modern, version: "TLSv1.2" })).toBe(false);
    for (const version of ["constructor", "__proto__", "toString", ""])
      expect(isAllowed(strict, { ...modern, version })).toBe(false);
  });
});

describe("drift", () => {
  it("is not found in an agent's first connection: that one is learnt", () => {
    expect(rulesOf([], modern)).toEqual([]);
  });

  it("is not found where everything was seen before, on whatever connection", () => {
    const known = [
      { ...modern, keyExchange: "X25519" },
      { ...modern, cipher: "TLS_AES_128_GCM_SHA256", keyExchange: "P-256" },
    ];
    expect(rulesOf(known, { ...modern, keyExchange: "P-256" })).toEqual([]);
  });

  it("is found where the cipher is new, and says which were usual", () => {
    const [finding] = judgeConnection({
      known: [modern],
      seen: { ...modern, cipher: "TLS_AES_128_GCM_SHA256" },
      policy: strict,
    });
    expect(finding).toMatchObject({ rule: "tls_drift", severity: "medium" });
    expect(finding?.title).toContain("TLS_AES_128_GCM_SHA256");
    expect(finding?.checks).toEqual([
      { id: "tls-version-known", passed: true, detail: "The agent negotiated TLSv1.3 before." },
      {
        id: "tls-cipher-known",
        passed: false,
        detail:
          "The cipher suite TLS_AES_128_GCM_SHA256 is new: the agent negotiated TLS_AES_256_GCM_SHA384 until now.",
      },
    ]);
  });

  it("is graver where the version is below all earlier ones, and not where it is above them", () => {
    const old = { version: "TLSv1.2", cipher: "ECDHE-ECDSA-AES128-GCM-SHA256", keyExchange: "" };
    const lax = tlsPolicyFrom("TLSv1.2");
    expect(rulesOf([modern], old, lax)).toEqual([["tls_drift", "high"]]);
    expect(rulesOf([old], modern, lax)).toEqual([["tls_drift", "medium"]]);
  });

  it("is not a key exchange that was never told of before, and is one that changes", () => {
    expect(rulesOf([modern], { ...modern, keyExchange: "X25519" })).toEqual([]);
    expect(rulesOf([{ ...modern, keyExchange: "X25519" }], { ...modern, keyExchange: "P-256" })).toEqual([
      ["tls_drift", "medium"],
    ]);
    expect(rulesOf([{ ...modern, keyExchange: "X25519" }], modern)).toEqual([]);
  });
});

describe("what is outside the policy", () => {
  const chacha = { ...modern, cipher: "TLS_CHACHA20_POLY1305_SHA256" };
  it("is a finding on the very first connection, and each time after", () => {
    expect(rulesOf([], chacha)).toEqual([["tls_outside_policy", "high"]]);
    expect(rulesOf([chacha], chacha)).toEqual([["tls_outside_policy", "high"]]);
  });
  it("is drift as well where it is new", () => {
    expect(rulesOf([modern], chacha)).toEqual([
      ["tls_outside_policy", "high"],
      ["tls_drift", "medium"],
    ]);
  });
});

describe("for every outcome", () => {
  const versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
  const outcome = fc.record({
    version: fc.constantFrom(...versions),
    cipher: fc.constantFrom(...Object.values(TLS_SUITES).flat(), "TLS_CHACHA20_POLY1305_SHA256", "RC4-MD5"),
    keyExchange: fc.constantFrom("", "X25519", "X25519MLKEM768"),
  });

  it("knowing it is enough to find no drift in it", () => {
    fc.assert(
      fc.property(fc.array(outcome), outcome, (others, seen) => {
        const found = judgeConnection({ known: [...others, seen], seen, policy: strict });
        expect(found.every(({ rule }) => rule !== "tls_drift")).toBe(true);
      }),
    );
  });

  it("it is outside the policy exactly where the list does not have it, whatever was known", () => {
    fc.assert(
      fc.property(fc.array(outcome), outcome, fc.constantFrom("TLSv1.2", "TLSv1.3"), (known, seen, from) => {
        const policy = tlsPolicyFrom(from as "TLSv1.2");
        const outside = judgeConnection({ known, seen, policy }).some(
          (it) => it.rule === "tls_outside_policy",
        );
        expect(outside).toBe(!policyLines(policy).includes(`${seen.version} ${seen.cipher}`));
      }),
    );
  });

  it("every finding has a check that failed", () => {
    fc.assert(
      fc.property(fc.array(outcome), outcome, (known, seen) => {
        for (const { checks } of judgeConnection({ known, seen, policy: strict }))
          expect(checks.some((check) => !check.passed)).toBe(true);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agentName } from "../schema.ts";
import {
  CLAIM_CHARS_MAX,
  certificateClaim,
  readableClaim,
  suggestedName,
  tokenClaim,
} from "./claimed-identity.ts";

describe("text of somebody who proved nothing", () => {
  it.each([
    ["spiffe://bank/agent/fraud-1", "spiffe://bank/agent/fraud-1"],
    ["agent\u202Egnp.exe", "agentgnp.exe"],
    ["pay\u200Bments\u2066-1\u2069", "payments-1"],
    ["a\u0000b\u001B[31mred\r\nline", "ab[31mredline"],
    ["  spaced \t\t out  ", "spaced out"],
    ["* 192.0.2.0/24", "192.0.2.0/24"],
    ["***", "(nothing)"],
    ["", "(nothing)"],
    ["\u200B\u202E", "(nothing)"],
    ["e\u0301", "\u00E9"],
  ])("%j is shown as %j", (text, shown) => {
    expect(readableClaim(text)).toBe(shown);
  });

  it("that is no text at all is nothing", () => {
    for (const value of [undefined, null, 1, {}, ["a"]]) expect(readableClaim(value)).toBe("(nothing)");
  });

  it("is short, plain and never that of a row which counts many, whatever it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 900 }), (text) => {
        const shown = readableClaim(text);
        expect([...shown].length).toBeLessThanOrEqual(CLAIM_CHARS_MAX);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(shown.startsWith("*")).toBe(false);
        expect(shown).not.toBe("");
      }),
    );
  });

  it("does not pile marks on marks", () => {
    expect(readableClaim(`a${"\u0335".repeat(500)}b`).length).toBeLessThan(10);
  });
});

describe("whom a certificate names", () => {
  it.each([
    ["URI:spiffe://bank/agent/a", "spiffe://bank/agent/a"],
    ["DNS:localhost, URI:spiffe://other/x", "spiffe://other/x"],
    ['URI:"spiffe://bank/agent/a, b"', "spiffe://bank/agent/a, b"],
    ["DNS:localhost", "CN=shadow, O=Elsewhere"],
    [undefined, "CN=shadow, O=Elsewhere"],
  ])("%j names %s", (subjectAltName, claimed) => {
    expect(
      certificateClaim({ subject: "CN=shadow\nO=Elsewhere", subjectAltName, issuer: "CN=CA\nO=X" }),
    ).toEqual({
      claimed,
      issuer: "CN=CA, O=X",
    });
  });
});

describe("what a token says, unproved", () => {
  const token = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

  it("is its subject, or else its client, and its issuer", () => {
    expect(tokenClaim(token({ sub: "did:a", client_id: "did:b", iss: "https://x" }))).toEqual({
      subject: "did:a",
      issuer: "https://x",
    });
    expect(tokenClaim(token({ client_id: "did:b" }))).toEqual({ subject: "did:b", issuer: "" });
  });

  it.each([
    "",
    "nonsense",
    "a.b.c",
    token(null),
    token([]),
    token("x"),
    token({}),
    token({ sub: "" }),
    token({ sub: 1 }),
    `e30.${Buffer.from(`{"sub":"${"a".repeat(20_000)}"}`).toString("base64url")}.c`,
  ])("is nothing where it is none", (text) => {
    expect(tokenClaim(text)).toBeNull();
  });

  it("is read without ever failing", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        tokenClaim(text);
        tokenClaim(`x.${Buffer.from(text).toString("base64url")}.y`);
      }),
    );
  });
});

describe("a name for the registration", () => {
  it.each([
    ["spiffe://other/agent/Fraud_Bot", "fraud-bot"],
    ["did:bank:agent:payments-7", "payments-7"],
    ["CN=reporting", "reporting"],
    ["CN=reporting, O=Elsewhere", "reporting"],
    ["O=Northwind Vendor, CN=Invoice Bot", "invoice-bot"],
    ["spiffe://bank/", null],
    ["(nothing)", null],
    ["日本", null],
  ])("of %s is %s", (claimed, name) => {
    expect(suggestedName(claimed)).toBe(name);
  });

  it("is always one that the registry takes, or none", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 120 }), (text) => {
        const name = suggestedName(text);
        if (name !== null) expect(agentName.safeParse(name).success).toBe(true);
      }),
    );
  });
});

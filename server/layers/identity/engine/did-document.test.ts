import fc from "fast-check";
import { expect, test } from "vitest";
import { PURPOSES, type Purpose } from "../schema.ts";
import { didDocument } from "./did-document.ts";

const key = (purpose: Purpose, keyId = `key-${purpose}`) => ({
  purpose,
  keyId,
  publicJwk: { kty: "EC", crv: "P-256", x: "x", y: "y" },
});
const URL_8444 = "https://vigil.bank.example:8444";

test("the document resolves as did:web, port escaped, and keeps the bank's name as an alias", () => {
  const document = didDocument({ name: "a-1", keys: [] }, URL_8444);
  expect(document["@context"][0]).toBe("https://www.w3.org/ns/did/v1.1");
  expect(document.id).toBe("did:web:vigil.bank.example%3A8444:agents:a-1");
  expect(document.alsoKnownAs).toEqual(["did:bank:agent:a-1"]);
});

test("each key stands under the relationship of its purpose and under no other", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PURPOSES), { maxLength: 12 }), (purposes) => {
      const keys = purposes.map((purpose, index) => key(purpose, `${purpose}-${index}`));
      const document = didDocument({ name: "a", keys }, URL_8444);
      const of = (...wanted: Purpose[]) =>
        keys.filter((it) => wanted.includes(it.purpose)).map((it) => `${document.id}#${it.keyId}`);
      expect(document.authentication).toEqual(of("transport", "oauth"));
      expect(document.assertionMethod).toEqual(of("signature"));
      expect(document.keyAgreement).toEqual(of("encryption"));
      expect(document.verificationMethod.map((it) => it.id).sort()).toEqual(
        of("transport", "oauth", "signature", "encryption").sort(),
      );
    }),
  );
});

test("a callback service is named only where the agent has a callback certificate", () => {
  expect(didDocument({ name: "a", keys: [] }, URL_8444).service).toEqual([]);
  const [service] = didDocument({ name: "a", keys: [key("callback")] }, URL_8444).service;
  expect(service?.serviceEndpoint).toBe("https://a.agents.internal/");
});

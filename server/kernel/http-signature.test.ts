import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import fc from "fast-check";
import { type InnerList, parseDictionary } from "structured-headers";
import { describe, expect, it } from "vitest";
import {
  contentDigest,
  parseSignatureHeaders,
  type SignableRequest,
  signatureBase,
  signRequest,
  verifyRequestSignature,
} from "./http-signature.ts";

const NOW = new Date("2026-11-23T10:00:00Z");
const ed25519 = generateKeyPairSync("ed25519");
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });

function signed(pair: { privateKey: KeyObject } = ed25519, created = NOW): SignableRequest {
  const request = {
    method: "POST",
    targetUri: "https://localhost:8443/v1/actions",
    headers: { authorization: "Bearer abc.def.ghi" },
    body: Buffer.from('[{"action":"payments:read"}]'),
  };
  const made = signRequest(request, {
    privateKey: pair.privateKey,
    keyId: "key-1",
    nonce: "0123456789abcdef",
    created,
  });
  return { ...request, headers: { ...request.headers, ...made } };
}

function outcome(request: SignableRequest, key = ed25519.publicKey, now = NOW): string {
  try {
    const decision = verifyRequestSignature(request, parseSignatureHeaders(request.headers), key, now);
    return decision.outcome === "allow" ? "allow" : (decision.checks.at(-1)?.id ?? "");
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const withHeaders = (request: SignableRequest, headers: Record<string, string | undefined>) => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

describe("published vectors", () => {
  const field =
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"';
  const parameters = parseDictionary(field).get("sig-b26") as InnerList;
  const request = {
    method: "POST",
    targetUri: "https://example.com/foo?param=Value&Pet=dog",
    headers: {
      date: "Tue, 20 Apr 2021 02:07:55 GMT",
      "content-type": "application/json",
      "content-length": "18",
    },
  };

  it("the base of RFC 9421 B.2.6 verifies with the signature printed there", () => {
    const jwk = { kty: "OKP", crv: "Ed25519", x: "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs" };
    const printed =
      "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
    const base = signatureBase(request, parameters);
    const key = createPublicKey({ key: jwk, format: "jwk" });
    expect(verify(null, Buffer.from(base), key, Buffer.from(printed, "base64"))).toBe(true);
    expect(base.split("\n").at(-1)).toBe(`"@signature-params": ${field.slice("sig-b26=".length)}`);
  });

  it("the content digest is that of RFC 9530 B.1", () => {
    expect(contentDigest(Buffer.from('{"hello": "world"}'))).toBe(
      "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
    );
  });
});

describe("a signed request", () => {
  it("verifies, with Ed25519 and with ECDSA P-256", () => {
    expect(outcome(signed())).toBe("allow");
    expect(outcome(signed(p256), p256.publicKey)).toBe("allow");
  });

  it("does not verify with another key, nor with a key of another kind", () => {
    expect(outcome(signed(), generateKeyPairSync("ed25519").publicKey)).toBe("signature-verifies");
    expect(outcome(signed(), p256.publicKey)).toBe("signature-verifies");
  });

  it("fails when any byte of the body is altered", () => {
    const request = signed();
    fc.assert(
      fc.property(fc.nat(request.body.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const body = Buffer.from(request.body);
        body.writeUInt8(body.readUInt8(at) ^ mask, at);
        expect(outcome({ ...request, body })).toBe("content-digest");
      }),
    );
  });

  it("fails when any character of what it covers, or of the signature itself, is altered", () => {
    const request = signed();
    const fields = ["authorization", "content-digest", "signature-input", "signature"] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...fields),
        fc.nat(),
        fc.integer({ min: 33, max: 126 }),
        (name, n, code) => {
          const value = request.headers[name] ?? "";
          const at = n % value.length;
          const altered = value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1);
          const bytes = name === "signature" && base64Of(altered) === base64Of(value);
          const label =
            name.startsWith("signature") && altered.replace(/^[a-z]+/, "") === value.replace(/^[a-z]+/, "");
          fc.pre(altered !== value && !bytes && !label);
          expect(outcome(withHeaders(request, { [name]: altered }))).not.toBe("allow");
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ["another method", (r: SignableRequest) => ({ ...r, method: "PUT" })],
    ["another path", (r: SignableRequest) => ({ ...r, targetUri: `${r.targetUri}/x` })],
    ["another host", (r: SignableRequest) => ({ ...r, targetUri: "https://evil:8443/v1/actions" })],
    ["another token", (r: SignableRequest) => withHeaders(r, { authorization: "Bearer other" })],
  ])("fails for %s", (_, alter) => {
    expect(outcome(alter(signed()))).toBe("signature-verifies");
  });

  it("counts for 60 s either way, to the millisecond", () => {
    const at = (ms: number) => outcome(signed(), ed25519.publicKey, new Date(NOW.getTime() + ms));
    expect([at(60_000), at(-60_000)]).toEqual(["allow", "allow"]);
    expect([at(60_001), at(-60_001)]).toEqual(["signature-fresh", "signature-fresh"]);
  });
});

describe("signature fields that say too little or too much are refused", () => {
  const request = signed();
  const input = request.headers["signature-input"] ?? "";
  it.each([
    ["no signature", { signature: undefined }, "signature_missing"],
    ["no input", { "signature-input": undefined }, "signature_missing"],
    ["not a dictionary", { "signature-input": "((((" }, "signature_malformed"],
    ["two signatures", { signature: `${request.headers.signature}, b=:AAAA:` }, "signature_malformed"],
    ["labels that differ", { signature: "b=:AAAA:" }, "signature_malformed"],
    ["a signature that is text", { signature: 'vigil="abc"' }, "signature_malformed"],
    ["no nonce", { "signature-input": input.replace(/;nonce="[^"]*"/, "") }, "signature_malformed"],
    ["a nonce too short", { "signature-input": input.replace("0123456789abcdef", "abc") }, "signature-nonce"],
    [
      "a nonce that needs escaping",
      { "signature-input": input.replace("0123456789abcdef", '0123456789abcde\\"f') },
      "signature-nonce",
    ],
    [
      "a digest among others",
      { "content-digest": `${request.headers["content-digest"]}, sha-512=:AAAA:` },
      "content-digest",
    ],
    ["another tag", { "signature-input": input.replace("vigil-action", "other") }, "signature-tag"],
    [
      "a component left out",
      { "signature-input": input.replace(' "authorization"', "") },
      "signature-covers",
    ],
    [
      "a component twice",
      { "signature-input": input.replace('"@method"', '"@method" "@method"') },
      "signature-covers",
    ],
    [
      "a component with parameters",
      { "signature-input": input.replace('"@method"', '"@method";req') },
      "signature-covers",
    ],
    ["another algorithm", { "signature-input": `${input};alg="ecdsa-p256-sha256"` }, "signature-algorithm"],
    ["an expiry that is past", { "signature-input": `${input};expires=1` }, "signature-fresh"],
    [
      "created in fractions",
      { "signature-input": input.replace(/created=\d+/, "created=1.5") },
      "signature_malformed",
    ],
    ["a digest by another hash", { "content-digest": "md5=:AAAA:" }, "content-digest"],
    ["no digest", { "content-digest": undefined }, "content-digest"],
    ["no authorization", { authorization: undefined }, "component_missing"],
  ])("%s", (_, headers, code) => {
    expect(outcome(withHeaders(request, headers))).toBe(code);
  });

  it("a key that no agent may use is refused, not tried", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    expect(
      outcome(
        request,
        createPublicKey(createPrivateKey(rsa.privateKey.export({ format: "pem", type: "pkcs8" }))),
      ),
    ).toBe("key_unsuited");
  });
});

function base64Of(field: string): string {
  const text = /:([A-Za-z0-9+/=]*):/.exec(field)?.[1] ?? "";
  return Buffer.from(text, "base64").toString("hex");
}

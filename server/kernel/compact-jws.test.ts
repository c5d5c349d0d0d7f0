import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { CompactSign, compactVerify } from "jose";
import { describe, expect, it } from "vitest";
import { openCompact, signCompact } from "./compact-jws.ts";

const pair = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ed25519");
const key = { keyId: "k1", privateKey: pair.privateKey };
const keys = new Map<string, KeyObject>([["k1", pair.publicKey]]);
const jws = signCompact(key, "vigil-test", { b: 1, a: "ä", left: undefined });
const [header = "", payload = "", signature = ""] = jws.split(".");
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

it("opens what it signed, with the key's id", () => {
  expect(openCompact(jws, "vigil-test", keys)).toEqual({ keyId: "k1", claims: { a: "ä", b: 1 } });
});

it("is read by another library, and reads it", async () => {
  const { protectedHeader } = await compactVerify(jws, pair.publicKey);
  expect(protectedHeader).toEqual({ alg: "EdDSA", kid: "k1", typ: "vigil-test" });
  const theirs = await new CompactSign(Buffer.from('{"x":[1]}'))
    .setProtectedHeader({ alg: "EdDSA", kid: "k1", typ: "vigil-test" })
    .sign(pair.privateKey);
  expect(openCompact(theirs, "vigil-test", keys)?.claims).toEqual({ x: [1] });
});

describe("nothing is opened", () => {
  it.each([
    ["of another type", jws, "vigil-other"],
    ["with a changed payload", `${header}.${encode({ a: "ä", b: 2 })}.${signature}`, "vigil-test"],
    ["with a changed signature", `${header}.${payload}.${"A".repeat(86)}`, "vigil-test"],
    ["without a signature", `${header}.${payload}.`, "vigil-test"],
    ["with a fourth part", `${jws}.x`, "vigil-test"],
    ["that is no JWS", "{}", "vigil-test"],
    ["that is nothing", "", "vigil-test"],
  ])("%s", (_what, text, typ) => expect(openCompact(text, typ, keys)).toBeNull());

  it.each([{ alg: "none" }, { alg: "HS256" }, { kid: "k2" }, { kid: 1 }, { typ: "JWT" }])(
    "whose header says %j",
    (change) => {
      const altered = encode({ alg: "EdDSA", kid: "k1", typ: "vigil-test", ...change });
      expect(openCompact(`${altered}.${payload}.${signature}`, "vigil-test", keys)).toBeNull();
    },
  );

  it("signed by another key under the first one's id", () => {
    const forged = signCompact({ keyId: "k1", privateKey: other.privateKey }, "vigil-test", { a: 1 });
    expect(openCompact(forged, "vigil-test", keys)).toBeNull();
  });
});

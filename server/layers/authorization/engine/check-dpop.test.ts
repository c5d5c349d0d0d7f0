import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import fc from "fast-check";
import { calculateJwkThumbprint } from "jose";
import { describe, expect, it } from "vitest";
import { checkDpop } from "./check-dpop.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const SECONDS = NOW.getTime() / 1000;
const URI = "https://bank.example:8443/v1/actions";
const TOKEN = "eyJ.token.x";
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
type Pair = { privateKey: KeyObject; publicKey: KeyObject };
const jwkOf = (pair: Pair) => pair.publicKey.export({ format: "jwk" }) as Record<string, string>;
const jkt = await calculateJwkThumbprint(jwkOf(ec));
const edJkt = await calculateJwkThumbprint(jwkOf(ed));
const ath = createHash("sha256").update(TOKEN).digest("base64url");

type Change = {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  pair?: Pair;
  signWith?: KeyObject;
};
/** A proof that is right in all but what is changed. */
function proofOf({ header = {}, claims = {}, pair = ec, signWith = pair.privateKey }: Change = {}): string {
  const alg = pair === ec ? "ES256" : "EdDSA";
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = { typ: "dpop+jwt", alg, jwk: jwkOf(pair), ...header };
  const body = { jti: "proof-1", htm: "POST", htu: URI, iat: SECONDS, ath, ...claims };
  const text = `${part(head)}.${part(body)}`;
  const signature =
    signWith.asymmetricKeyType === "ec"
      ? sign("sha256", Buffer.from(text), { key: signWith, dsaEncoding: "ieee-p1363" })
      : sign(signWith.asymmetricKeyType === "rsa" ? "sha256" : null, Buffer.from(text), signWith);
  return `${text}.${signature.toString("base64url")}`;
}
const EXPECTED = { method: "POST", uri: URI, accessToken: TOKEN, jkt };
const check = (field: string | undefined, more: Partial<typeof EXPECTED> | object = {}) =>
  checkDpop(field, { ...EXPECTED, ...more }, NOW);
const brokenAt = (field: string | undefined, more: object = {}) =>
  check(field, more).checks.find(({ passed }) => !passed)?.id;

describe("a proof", () => {
  it("of the token's key, for this request and token, holds: every check is told", () => {
    const decision = check(proofOf());
    expect(decision).toMatchObject({ outcome: "allow", proof: { jkt, jti: "proof-1", issuedAt: NOW } });
    expect(decision.checks.map(({ id }) => id)).toEqual([
      ...["dpop-one", "dpop-jwt", "dpop-type", "dpop-algorithm", "dpop-key", "dpop-signature"],
      ...["dpop-method", "dpop-address", "dpop-fresh", "dpop-token", "dpop-bound"],
    ]);
  });

  it.each<[string, Change, object]>([
    ["by Ed25519", { pair: ed }, { jkt: edJkt }],
    ["by Ed25519 under its newer name", { pair: ed, header: { alg: "Ed25519" } }, { jkt: edJkt }],
    [
      "with members in its jwk that say nothing",
      { header: { jwk: { ...jwkOf(ec), use: "sig", kid: "mine" } } },
      {},
    ],
    ["for a request with a query", {}, { uri: `${URI}?x=1#y` }],
    ["whose htu has a query and a fragment", { claims: { htu: `${URI}?a#b` } }, {}],
    [
      "whose htu is written otherwise and means the same",
      { claims: { htu: "HTTPS://BANK.example:8443/v1/x/../actions" } },
      {},
    ],
    ["60 s old", { claims: { iat: SECONDS - 60 } }, {}],
    ["from a clock 60 s ahead", { claims: { iat: SECONDS + 60 } }, {}],
    [
      "that asks for a token, and so has none to name",
      { claims: { ath: undefined } },
      { accessToken: null, jkt: null },
    ],
  ])("%s holds", (_what, change, more) => expect(check(proofOf(change), more).outcome).toBe("allow"));

  it.each<[string, string, Change]>([
    ["of another type", "dpop-type", { header: { typ: "JWT" } }],
    ["without a type", "dpop-type", { header: { typ: undefined } }],
    ["without a signature's algorithm", "dpop-algorithm", { header: { alg: "none" } }],
    ["by a shared secret", "dpop-algorithm", { header: { alg: "HS256", jwk: { kty: "oct", k: "AA" } } }],
    [
      "by an algorithm that is not taken",
      "dpop-algorithm",
      { header: { alg: "RS256", jwk: jwkOf(rsa) }, signWith: rsa.privateKey },
    ],
    ["without a key", "dpop-key", { header: { jwk: undefined } }],
    ["with its private key", "dpop-key", { header: { jwk: ec.privateKey.export({ format: "jwk" }) } }],
    ["with a key of another kind than its alg", "dpop-key", { header: { jwk: jwkOf(ed) } }],
    ["with a point that is on no curve", "dpop-key", { header: { jwk: { ...jwkOf(ec), x: "AAAA" } } }],
    [
      "signed with another key",
      "dpop-signature",
      { signWith: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey },
    ],
    ["without an id", "dpop-jwt", { claims: { jti: undefined } }],
    ["with an empty id", "dpop-jwt", { claims: { jti: "" } }],
    ["with an endless id", "dpop-jwt", { claims: { jti: "x".repeat(257) } }],
    ["whose time is text", "dpop-jwt", { claims: { iat: String(SECONDS) } }],
    ["without a time", "dpop-jwt", { claims: { iat: undefined } }],
    ["without a method", "dpop-jwt", { claims: { htm: undefined } }],
    ["without an address", "dpop-jwt", { claims: { htu: undefined } }],
    ["for another method", "dpop-method", { claims: { htm: "GET" } }],
    ["for the method in lower case", "dpop-method", { claims: { htm: "post" } }],
    ["for another path", "dpop-address", { claims: { htu: `${URI}/x` } }],
    ["for the path with a slash more", "dpop-address", { claims: { htu: `${URI}/` } }],
    ["for another host", "dpop-address", { claims: { htu: URI.replace("bank", "evil") } }],
    ["for another port", "dpop-address", { claims: { htu: URI.replace("8443", "8444") } }],
    ["for http", "dpop-address", { claims: { htu: URI.replace("https", "http") } }],
    ["for an address with a user", "dpop-address", { claims: { htu: URI.replace("//", "//a@") } }],
    ["for no address at all", "dpop-address", { claims: { htu: "/v1/actions" } }],
    ["61 s old", "dpop-fresh", { claims: { iat: SECONDS - 61 } }],
    ["from a clock 61 s ahead", "dpop-fresh", { claims: { iat: SECONDS + 61 } }],
    [
      "for another token",
      "dpop-token",
      { claims: { ath: createHash("sha256").update("x").digest("base64url") } },
    ],
    ["for no token", "dpop-token", { claims: { ath: undefined } }],
    ["whose ath is padded", "dpop-token", { claims: { ath: `${ath}=` } }],
    ["by a key that the token is not bound to", "dpop-bound", { pair: ed }],
  ])("%s is refused at its check", (_what, id, change) => {
    expect(check(proofOf(change)).outcome).toBe("deny");
    expect(brokenAt(proofOf(change))).toBe(id);
  });

  it.each([
    ["missing", undefined],
    ["empty", ""],
    ["there twice", `${proofOf()}, ${proofOf()}`],
    ["endless", "x".repeat(5_000)],
    ["no JWT", "nonsense"],
    ["without its signature", proofOf().replace(/[^.]+$/, "")],
    ["a JWT of five parts", `${proofOf()}.x.y`],
    ["no JSON", "a.b.c"],
    [
      "a JSON of another kind",
      `${Buffer.from("[]").toString("base64url")}.${Buffer.from("1").toString("base64url")}.x`,
    ],
  ])("that is %s is refused", (_what, field) => expect(brokenAt(field)).toMatch(/^dpop-(one|jwt)$/));

  it("that differs by one character anywhere is refused", () => {
    const good = proofOf();
    fc.assert(
      fc.property(fc.nat({ max: good.length - 2 }), fc.constantFrom(..."ABCxyz019_-."), (at, character) => {
        fc.pre(good[at] !== character);
        expect(check(good.slice(0, at) + character + good.slice(at + 1)).outcome).toBe("deny");
      }),
    );
  });

  it("of whatever text never throws", () => {
    const refused = (text: string) => {
      expect(check(text).outcome).toBe("deny");
    };
    fc.assert(fc.property(fc.string(), refused));
    const json = fc.json().map((text) => Buffer.from(text).toString("base64url"));
    fc.assert(fc.property(json, json, (head, body) => refused(`${head}.${body}.AAAA`)));
  });
});

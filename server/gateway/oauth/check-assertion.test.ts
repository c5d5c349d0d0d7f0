import { describe, expect, it } from "vitest";
import { checkAssertion } from "./check-assertion.ts";

const ENV = { enrolUrl: "https://bank.example:8444", gatewayUrl: "https://bank.example:8443" };
const NOW = new Date("2026-11-23T12:00:00.900Z");
const SECONDS = Math.floor(NOW.getTime() / 1000);
const GOOD = { aud: ENV.enrolUrl, jti: "1", iat: SECONDS, exp: SECONDS + 60 };
const check = (claims: Record<string, unknown>) => () => checkAssertion({ ...GOOD, ...claims }, ENV, NOW);

describe("a client assertion", () => {
  it.each([
    ["for the issuer", {}],
    ["for the issuer as a list of one", { aud: [ENV.enrolUrl] }],
    ["for the token endpoint", { aud: "https://bank.example:8443/oauth/token" }],
    ["that lives 300 s", { exp: SECONDS + 300 }],
    ["from a clock 60 s ahead", { iat: SECONDS + 60, nbf: SECONDS + 60 }],
    ["without iat", { iat: undefined }],
  ])("%s passes", (_what, claims) => expect(check(claims)).not.toThrow());

  it.each([
    ["for nobody", { aud: undefined }],
    ["for somebody else", { aud: "https://evil.example" }],
    ["for this issuer and somebody else", { aud: [ENV.enrolUrl, "https://evil.example"] }],
    ["for the issuer with a slash more", { aud: `${ENV.enrolUrl}/` }],
    ["that lives 301 s", { exp: SECONDS + 301 }],
    ["without an end", { exp: undefined }],
    ["whose end is text", { exp: "soon" }],
    ["issued 61 s ahead", { iat: SECONDS + 61 }],
    ["valid from 61 s ahead", { nbf: SECONDS + 61 }],
    ["with an endless id", { jti: "x".repeat(257) }],
    ["with a number for an id", { jti: 7 }],
  ])("%s is refused", (_what, claims) => expect(check(claims)).toThrow(/invalid_client/));
});

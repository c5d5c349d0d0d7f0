import { expect, it } from "vitest";
import { challengeOf } from "./challenge.ts";

const refusal = (status: number, code: string, message = "It is refused.") => ({ status, code, message });

it.each([
  ["token_foreign", 'Bearer error="invalid_token", error_description="It is refused."'],
  ["token_not_bound", 'Bearer error="invalid_token", error_description="It is refused."'],
  ["certificate_unknown", 'Bearer error="invalid_token", error_description="It is refused."'],
  ["signature_invalid", "Bearer"],
  ["nonce_reused", "Bearer"],
  ["token_missing", "Bearer"],
  [
    "dpop_proof_invalid",
    'DPoP error="invalid_dpop_proof", error_description="It is refused.", algs="ES256 EdDSA Ed25519"',
  ],
  [
    "token_needs_proof",
    'DPoP error="invalid_token", error_description="It is refused.", algs="ES256 EdDSA Ed25519"',
  ],
])(
  "a request with a token that is refused with 401 %s is challenged as the standard says",
  (code, challenge) => {
    expect(challengeOf(refusal(401, code), "Bearer x")).toBe(challenge);
  },
);

it("a request without a token is told how to come back, and of no error", () => {
  expect(challengeOf(refusal(401, "certificate_unknown"), undefined)).toBe("Bearer");
});

it("a scope that does not suffice and a token in the address have their own words, other refusals none", () => {
  expect(challengeOf(refusal(403, "insufficient_scope"), "Bearer x")).toContain('error="insufficient_scope"');
  expect(challengeOf(refusal(400, "token_in_query"), "Bearer x")).toContain('error="invalid_request"');
  for (const [status, code] of [
    [403, "agent_banned"],
    [409, "nonce_reused"],
    [202, ""],
  ] as const)
    expect(challengeOf(refusal(status, code), "Bearer x")).toBeNull();
});

it("nothing of a message ends its quotes or the field", () => {
  const hostile = 'a"b\\c\r\nSet-Cookie: x=1; … é';
  expect(challengeOf(refusal(401, "token_invalid", hostile), "Bearer x")).toBe(
    `Bearer error="invalid_token", error_description="a'b?c??Set-Cookie: x=1; ... ?"`,
  );
});

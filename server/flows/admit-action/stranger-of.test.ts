import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { signRequest } from "../../kernel/http-signature.ts";
import { strangerOf } from "./stranger-of.ts";
import type { LiveAgent, LiveCredential } from "./world.ts";

const KNOWN = "did:bank:agent:known";
const world = {
  agentByDid: (did: string) => (did === KNOWN ? ({ did } as LiveAgent) : undefined),
  signatureCredential: (keyId: string) => (keyId === "known-key" ? ({ keyId } as LiveCredential) : undefined),
};
const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
const withToken = (text: string) => ({ headers: { authorization: `Bearer ${text}` }, sourceIp: "192.0.2.7" });

function signedWith(keyId: string) {
  const { privateKey } = generateKeyPairSync("ed25519");
  const headers = { authorization: "Bearer x", "content-type": "application/json" };
  const request = {
    method: "POST",
    targetUri: "https://localhost/v1/actions",
    headers,
    body: Buffer.from("[]"),
  };
  const created = new Date("2026-03-02T10:00:00Z");
  const signed = signRequest(request, { privateKey, keyId, nonce: "n".repeat(24), created });
  return { headers: { ...headers, ...signed }, sourceIp: "192.0.2.7" };
}

describe("after a refusal, the stranger that a request named", () => {
  it("is the subject of a token that is no agent's, with the issuer it claims", () => {
    const request = withToken(token({ sub: "did:bank:agent:ghost", iss: "https://elsewhere" }));
    for (const code of [
      "token_invalid",
      "token_foreign",
      "token_claim_wrong",
      "token_expired",
      "token_unbound",
    ])
      expect(strangerOf(world, request, code)).toEqual({
        ...{ way: "token_subject", claimed: "did:bank:agent:ghost", issuer: "https://elsewhere" },
        ...{ evidence: "", sourceIp: "192.0.2.7" },
      });
  });

  it("is nobody where the token is an agent's, is no token, or is missing", () => {
    expect(strangerOf(world, withToken(token({ sub: KNOWN })), "token_foreign")).toBeNull();
    expect(strangerOf(world, withToken("nonsense"), "token_invalid")).toBeNull();
    expect(strangerOf(world, { headers: {}, sourceIp: "" }, "token_invalid")).toBeNull();
  });

  it("is the key of a signature that nobody registered, and not another agent's key", () => {
    expect(strangerOf(world, signedWith("strange-key"), "signature_key_unknown")).toMatchObject({
      way: "signature_key",
      evidence: "strange-key",
    });
    expect(strangerOf(world, signedWith("known-key"), "signature_key_unknown")).toBeNull();
  });

  it("is nobody after any other refusal, whatever the request says", () => {
    const request = withToken(token({ sub: "did:bank:agent:ghost" }));
    for (const code of ["agent_isolated", "token_missing", "signature_invalid", "malformed_json", ""])
      expect(strangerOf(world, request, code)).toBeNull();
  });

  it("is nobody where the signature's fields cannot be read", () => {
    for (const headers of [{}, { "signature-input": "((((" }, { "signature-input": "a=()", signature: "b" }])
      expect(strangerOf(world, { headers, sourceIp: "" }, "signature_key_unknown")).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import type { Answer } from "../../server/gateway/testing/test-agent.ts";
import { isRefused } from "./read-refusal.ts";

const CERTIFICATE = { code: "certificate_revoked", cutsConnections: true } as const;
const TOKEN = { code: "token_revoked", cutsConnections: false } as const;
const answer = (status: number, code?: string) => ({
  answer: {
    status,
    headers: {},
    body: code ? { error: { code, message: "", facts: {} } } : {},
  } as unknown as Answer,
});
const failed = (code?: string) => ({ error: Object.assign(new Error("it failed"), code ? { code } : {}) });

describe("a refusal that is measured", () => {
  it("is 401 with the code of what was revoked; an admitted request is none", () => {
    expect(isRefused(answer(401, "certificate_revoked"), CERTIFICATE)).toBe(true);
    expect(isRefused(answer(401, "token_revoked"), TOKEN)).toBe(true);
    for (const refusal of [CERTIFICATE, TOKEN]) expect(isRefused(answer(202), refusal)).toBe(false);
  });

  it.each([
    "ECONNRESET",
    "EPIPE",
    "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED",
    "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
  ])(
    "is a connection that ends with %s, where connections end with a certificate and not with a token",
    (code) => {
      expect(isRefused(failed(code), CERTIFICATE)).toBe(true);
      expect(() => isRefused(failed(code), TOKEN)).toThrow(code);
    },
  );

  it.each([
    ["a gateway that is away", failed("ECONNREFUSED")],
    ["a gateway that does not answer", failed("ETIMEDOUT")],
    ["a certificate of the gateway that is not believed", failed("ERR_TLS_CERT_ALTNAME_INVALID")],
    ["a broken record that is no alert", failed("ERR_SSL_WRONG_VERSION_NUMBER")],
    ["an error of the benchmark's own", failed()],
    ["a stale gateway", answer(503, "state_stale")],
    ["a broken gateway", answer(500, "internal")],
    ["a gateway that is asked too often", answer(429, "agent_limited")],
    ["another refusal", answer(401, "token_expired")],
    ["the right words with another status", answer(403, "certificate_revoked")],
    ["an answer of another kind", answer(200)],
  ])("is not %s: that ends the measurement", (_, outcome) => {
    for (const refusal of [CERTIFICATE, TOKEN]) expect(() => isRefused(outcome, refusal)).toThrow();
  });

  it("is not the other thing's refusal", () => {
    expect(() => isRefused(answer(401, "token_revoked"), CERTIFICATE)).toThrow("token_revoked");
    expect(() => isRefused(answer(401, "certificate_revoked"), TOKEN)).toThrow("certificate_revoked");
  });
});

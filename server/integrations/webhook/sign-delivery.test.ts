import { describe, expect, test } from "vitest";
import { signDelivery, verifyDelivery } from "./sign-delivery.ts";

const now = new Date("2026-11-23T12:00:00.500Z");
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const BODY = '{"a":1}';
const header = signDelivery("secret", BODY, now);

describe("a delivery's signature", () => {
  test("is HMAC-SHA-256 over time and body, as any other tool computes it", () => {
    // printf '1700000000.body' | openssl dgst -sha256 -hmac secret
    expect(signDelivery("secret", "body", new Date(1_700_000_000_999))).toBe(
      "t=1700000000,v1=42ac6f0448c1d9c3e1e82b9726248f58fef84afffcbad5188246e96070e0ea46",
    );
  });

  test("verifies for the same bytes and secret, within five minutes", () => {
    for (const seconds of [0, 299, -299])
      expect(verifyDelivery("secret", header, BODY, later(seconds))).toBe(true);
    for (const seconds of [301, -302])
      expect(verifyDelivery("secret", header, BODY, later(seconds))).toBe(false);
  });

  test("does not verify for another body, secret or time", () => {
    expect(verifyDelivery("secret", header, '{"a":2}', now)).toBe(false);
    expect(verifyDelivery("other", header, BODY, now)).toBe(false);
    const t = Number(header.slice(2, header.indexOf(",")));
    expect(verifyDelivery("secret", header.replace(`t=${t}`, `t=${t + 1}`), BODY, now)).toBe(false);
  });

  test.each([
    "",
    "t=,v1=",
    "v1=00",
    header.toUpperCase(),
    `${header},v1=00`,
    header.slice(0, -2),
    "t=1e9,v1=aa",
  ])("a malformed header is refused: %s", (bad) => {
    expect(verifyDelivery("secret", bad, BODY, now)).toBe(false);
  });
});

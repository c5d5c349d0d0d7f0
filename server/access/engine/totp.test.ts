import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base32Decode, base32Encode, matchTotp, TOTP_STEP_SECONDS, totpCode, totpStep } from "./totp.ts";
import { FREE_FAILURES, lockedUntilAfter } from "./totp-backoff.ts";

const SECRET = Buffer.from("12345678901234567890");

describe("one-time codes", () => {
  it.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ])("are those of RFC 6238, appendix B, at %i s", (seconds, code) => {
    expect(totpCode(SECRET, totpStep(new Date(seconds * 1000)))).toBe(code);
  });

  it("count one step early and one late, and no further", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000_000, max: 4_000_000_000 }),
        fc.integer({ min: -4, max: 4 }),
        (at, drift) => {
          const now = new Date(at * 1000);
          const step = totpStep(now) + drift;
          const matched = matchTotp(SECRET, totpCode(SECRET, step), now);
          if (Math.abs(drift) <= 1) expect(matched).not.toBeNull();
          else if (matched !== null) expect(totpCode(SECRET, matched)).toBe(totpCode(SECRET, step));
        },
      ),
    );
  });

  it("never match what is not six characters, nor another secret's code", () => {
    const now = new Date(1_234_567_890_000);
    const code = totpCode(SECRET, totpStep(now));
    for (const wrong of ["", code.slice(1), `${code}0`, ` ${code}`, `${code} `, "٠٠٥٩٢٤", "abcdef"])
      expect(matchTotp(SECRET, wrong, now)).toBeNull();
    expect(matchTotp(Buffer.from("another secret......"), code, now)).toBeNull();
  });

  it("last thirty seconds each", () => expect(TOTP_STEP_SECONDS).toBe(30));
});

describe("base32", () => {
  it("gives back the bytes it was given", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(base32Decode(base32Encode(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("knows the vectors of RFC 4648 and refuses other characters", () => {
    expect(base32Encode(Buffer.from("foobar"))).toBe("MZXW6YTBOI");
    expect(base32Decode("MZXW6YTBOI======")?.toString()).toBe("foobar");
    expect(base32Decode("mzxw 6ytb oi")?.toString()).toBe("foobar");
    expect(base32Decode("0189")).toBeNull();
  });
});

describe("waiting after wrong codes", () => {
  it("starts with the fifth, never shrinks and ends at a quarter of an hour", () => {
    const now = new Date(0);
    expect(lockedUntilAfter(FREE_FAILURES - 1, now)).toBeNull();
    expect(lockedUntilAfter(FREE_FAILURES, now)).toEqual(new Date(30_000));
    let before = 0;
    for (let failures = FREE_FAILURES; failures < 60; failures++) {
      const wait = lockedUntilAfter(failures, now)?.getTime() ?? 0;
      expect(wait).toBeGreaterThanOrEqual(before);
      before = wait;
    }
    expect(before).toBe(900_000);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesPattern, specificity } from "./action-pattern.ts";

describe("a pattern", () => {
  it.each([
    ["accounts.read", "accounts.read", true],
    ["accounts.read", "accounts.reads", false],
    ["accounts.read*", "accounts.read", true],
    ["accounts.read*", "accounts.read_balance", true],
    ["accounts.read*", "accounts.read.delete", false],
    ["accounts.read*", "my.accounts.read", false],
    ["accounts.*", "accounts.", true],
    ["*:Get*", "s3:GetObject", true],
    ["*:Get*", "s3:Get", true],
    ["*:Get*", "s3:PutObject", false],
    ["*:Get*", "s3:getobject", false],
    ["*:Get*", "payments.execute:GetAll", false],
    ["*:Get*", "s3:x:GetObject", false],
    ["*:*", "s3:DeleteBucket", true],
    ["*:*", "transactions.read", false],
    ["*", "", true],
    ["", "", true],
    ["a*b*c", "aXbYc", true],
    ["a*b*c", "aXbYcZ", false],
    ["a*b", "aab.b", false],
  ])("%s on %s: %s", (pattern, action, expected) => {
    expect(matchesPattern(pattern, action)).toBe(expected);
  });

  it("without a star matches itself alone", () => {
    const name = fc.stringMatching(/^[a-z.:_]{0,12}$/);
    fc.assert(fc.property(name, name, (a, b) => matchesPattern(a, b) === (a === b)));
  });

  it("agrees with the same pattern as a regular expression, on whatever an agent sends", () => {
    const pattern = fc.stringMatching(/^[ab.:*]{0,10}$/);
    const action = fc.stringMatching(/^[ab.:]{0,12}$/);
    fc.assert(
      fc.property(pattern, action, (p, a) => {
        const regex = new RegExp(`^${p.replaceAll(".", "\\.").replace(/\*+/g, "[^.:]*")}$`);
        return matchesPattern(p, a) === regex.test(a);
      }),
      { numRuns: 2_000 },
    );
  });

  it("of many stars is answered in no time on a name made to be slow", () => {
    const started = process.hrtime.bigint();
    expect(matchesPattern(`${"*a".repeat(30)}b`, "a".repeat(5_000))).toBe(false);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1_000);
  });
});

it("a longer literal is more specific, whatever its stars", () => {
  expect(specificity("*:GetAuthorizationToken")).toBeGreaterThan(specificity("*:Get*"));
  expect(specificity("accounts.read*")).toBeGreaterThan(specificity("accounts.*"));
  expect(specificity("*")).toBe(0);
});

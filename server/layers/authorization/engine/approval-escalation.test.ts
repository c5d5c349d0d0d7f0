import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ScopeRule } from "../policy-schema.ts";
import { decideSteps, stepsFor } from "./approval-escalation.ts";
import { type Limits, NOTHING } from "./narrow-limits.ts";
import { sumText, sumUnits } from "./sums.ts";

const one = [{ title: "Approval", needs: [{ from: "approvers", votes: 1 }] }];
const two = [{ title: "Treasury", needs: [{ from: "approvers", votes: 2 }] }];
const RULE: ScopeRule = {
  ...{ scope: "payments:execute", title: "Move money", risk: "HIGH", group: "elevated", secondsMax: 3_600 },
  ...{ steps: one, actions: ["payments.*"] },
  amounts: {
    ...{ currency: "USD", max: "10000" },
    escalation: { above: "5000", withinSeconds: 3_600, steps: two },
  },
};
const usd = (max: string, currency = "USD"): Limits => ({ amount: { max, currency } });

describe("the escalated steps decide", () => {
  it.each<[string, Limits, Limits[], boolean]>([
    ["not at the very edge", usd("5000"), [], false],
    ["by the last digit beyond it", usd("5000.0001"), [], true],
    ["not where others bring it to the edge", usd("2000.50"), [usd("2999.50")], false],
    ["where others bring it beyond the edge", usd("2000.51"), [usd("2999.50")], true],
    ["where ten small ones come together", usd("500"), Array<Limits>(10).fill(usd("500")), true],
    ["where tenths come together that floats would lose", usd("4999.9"), [usd("0.1"), usd("0.0001")], true],
    ["not where tenths come together exactly", usd("4999.7"), [usd("0.1"), usd("0.2")], false],
    ["where another has no sum", usd("1"), [null], true],
    ["where another has resources alone", usd("1"), [{ resources: ["x"] }], true],
    ["where another cannot be read", usd("1"), [NOTHING], true],
    ["where another is in a currency that cannot be added", usd("1"), [usd("1", "EUR")], true],
    ["where the request itself has no sum", null, [], true],
    ["where the request itself is in another currency", usd("1", "EUR"), [], true],
  ])("%s", (_what, limits, others, escalated) => {
    const decided = decideSteps(RULE, limits, { others });
    expect(decided.escalated).toBe(escalated);
    expect(stepsFor(RULE, limits, { others })).toBe(escalated ? two : one);
  });

  it("never where the rule has no escalation", () => {
    const without = { ...RULE, amounts: { currency: "USD", max: "10000", escalation: null } };
    expect(stepsFor(without, usd("10000"), { others: [null] })).toBe(one);
    expect(stepsFor({ ...RULE, amounts: null }, null, { others: [] })).toBe(one);
  });
});

it("says what it comes to", () => {
  expect(decideSteps(RULE, usd("3000"), { others: [usd("2500")] })).toMatchObject({
    sum: "5500.00",
    detail: expect.stringContaining("5500.00 USD, more than 5000 USD"),
  });
  expect(decideSteps(RULE, usd("3000"), { others: [null] })).toMatchObject({
    sum: null,
    detail: expect.stringContaining("no end"),
  });
});

it("however a sum is split, the request that crosses the edge is escalated", () =>
  fc.assert(
    fc.property(fc.array(fc.bigInt(1n, 20_000_000n), { minLength: 1, maxLength: 12 }), (parts) => {
      const limits = parts.map((part) => usd(sumText(part)));
      const whole = parts.reduce((sum, part) => sum + part, 0n);
      const last = limits.at(-1) ?? null;
      expect(decideSteps(RULE, last, { others: limits.slice(0, -1) }).escalated).toBe(
        whole > sumUnits("5000"),
      );
    }),
  ));

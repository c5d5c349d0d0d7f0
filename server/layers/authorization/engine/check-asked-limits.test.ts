import { expect, it } from "vitest";
import type { ScopeRule } from "../policy-schema.ts";
import { checkAskedLimits } from "./check-asked-limits.ts";
import type { Limits } from "./narrow-limits.ts";

const RULE: ScopeRule = {
  ...{ scope: "payments:execute", title: "Move money", risk: "HIGH", group: "elevated", secondsMax: 3_600 },
  ...{ steps: [], actions: ["payments.*"], amounts: { currency: "USD", max: "10000", escalation: null } },
};
const usd = (max: string, currency = "USD"): Limits => ({ amount: { max, currency } });

it.each<[string, Limits, string | undefined]>([
  ["no limits", null, "amount_unstated"],
  ["resources alone", { resources: ["x"] }, "amount_unstated"],
  ["another currency", usd("1", "EUR"), "amount_currency"],
  ["more by the last digit", usd("10000.0001"), "amount_too_high"],
  ["the maximum", usd("10000.00"), undefined],
  ["less, with resources", { ...usd("1"), resources: ["x"] }, undefined],
])("a scope that moves money, asked for with %s: %s", (_what, limits, code) => {
  const wrong = checkAskedLimits(RULE, limits);
  expect(wrong?.code).toBe(code);
  if (wrong) expect(wrong.message).toContain("payments:execute");
});

it("a scope that is not about sums is asked for with any limits, or none", () => {
  expect(checkAskedLimits({ ...RULE, amounts: null }, null)).toBeNull();
  expect(checkAskedLimits({ ...RULE, amounts: null }, usd("1", "EUR"))).toBeNull();
});

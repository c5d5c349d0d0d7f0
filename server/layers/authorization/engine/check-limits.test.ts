import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkLimits, type LimitedAction } from "./check-limits.ts";
import { type Limits, NOTHING } from "./narrow-limits.ts";
import { sumText, sumUnits } from "./sums.ts";

const SUM: Limits = { amount: { max: "5000.00", currency: "USD" } };
const PLACE: Limits = { resources: ["/accounts/17/*", "batch-7"] };
const broken = (limits: Limits, action: LimitedAction) => checkLimits(action, { limits, grantId: "g-1" });
const moving = (amount: unknown, currency: unknown = "USD") => ({ details: { amount, currency } });

describe("an action under a sum", () => {
  it.each(["0", "4999.9999", "5000", "5000.00", "5000.0000"])("may move %s", (sum) =>
    expect(broken(SUM, moving(sum))).toBeNull(),
  );

  it.each<[string, LimitedAction, string]>([
    ["more by the last digit", moving("5000.0001"), "limit_amount"],
    ["more", moving("5000.01"), "limit_amount"],
    ["more, by digits and not by text", moving("10000"), "limit_amount"],
    ["another currency", moving("1", "EUR"), "limit_currency"],
    ["the currency in small letters", moving("1", "usd"), "limit_currency"],
    ["no currency", { details: { amount: "1" } }, "limit_unstated"],
    ["a currency that is no text", moving("1", ["USD"]), "limit_unstated"],
    ["no details", {}, "limit_unstated"],
    ["no sum", { details: { currency: "USD" } }, "limit_unstated"],
    ["a number", moving(1), "limit_unstated"],
    ["a negative sum", moving("-1"), "limit_unstated"],
    ["an exponent", moving("1e3"), "limit_unstated"],
    ["hexadecimal digits", moving("0x1"), "limit_unstated"],
    ["a comma", moving("1,000"), "limit_unstated"],
    ["a space", moving(" 1"), "limit_unstated"],
    ["digits of another script", moving("١"), "limit_unstated"],
    ["five decimals", moving("1.00001"), "limit_unstated"],
    ["leading zeros", moving("0001"), "limit_unstated"],
    ["a list", moving(["1"]), "limit_unstated"],
    ["null", moving(null), "limit_unstated"],
    [
      "a sum that it inherits",
      { details: Object.create({ amount: "1", currency: "USD" }) },
      "limit_unstated",
    ],
  ])("is refused with %s", (_what, action, code) => {
    const found = broken(SUM, action);
    expect(found?.code).toBe(code);
    expect(found?.reason).toContain("g-1");
  });

  it("says of a number that it must be text", () => {
    expect(broken(SUM, moving(5000))?.reason).toContain("JSON number");
  });

  it("never moves more than the maximum, whatever both are", () =>
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 17n - 1n), fc.bigInt(0n, 10n ** 17n - 1n), (max, sum) => {
        const limits: Limits = { amount: { max: sumText(max), currency: "USD" } };
        expect(broken(limits, moving(sumText(sum))) === null).toBe(sum <= max);
      }),
    ));

  it("never moves more than the maximum, whatever text states the sum", () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.eE+-]{1,20}$/)), (text) => {
        if (broken(SUM, moving(text)) === null) expect(sumUnits(text)).toBeLessThanOrEqual(sumUnits("5000"));
      }),
      { numRuns: 5_000 },
    ));
});

describe("an action under resources", () => {
  it.each<[string, LimitedAction]>([
    ["endpoint below", { endpoint: "/accounts/17/transfers" }],
    ["endpoint below, whatever else it names", { endpoint: "/accounts/17/x", subjects: ["customer-9"] }],
    ["transaction", { transactionId: "batch-7", endpoint: "/payments" }],
    ["peer", { peer: "batch-7" }],
    ["only subject", { subjects: ["batch-7"] }],
    ["class of data", { dataAccessed: ["/accounts/17/balance"] }],
  ])("may name one as its %s", (_what, action) => expect(broken(PLACE, action)).toBeNull());

  it.each<[string, LimitedAction, string]>([
    ["nothing named", {}, "limit_unstated"],
    ["nothing named but empty lists", { subjects: [], dataAccessed: [] }, "limit_unstated"],
    ["another account", { endpoint: "/accounts/18/transfers" }, "limit_resource"],
    ["the account itself", { endpoint: "/accounts/17" }, "limit_resource"],
    ["another account by way of this one", { endpoint: "/accounts/17/../18/x" }, "limit_resource"],
    [
      "another account's endpoint and this one as decoration",
      { endpoint: "/accounts/18/transfers", subjects: ["/accounts/17/x"], peer: "/accounts/17/x" },
      "limit_resource",
    ],
    ["one of two subjects that is another", { subjects: ["customer-9", "batch-7"] }, "limit_resource"],
    [
      "one of two data that is another account's, whatever else fits",
      { transactionId: "batch-7", dataAccessed: ["/accounts/17/x", "/accounts/18/x"] },
      "limit_resource",
    ],
    ["another batch", { transactionId: "batch-70" }, "limit_resource"],
  ])("is refused with %s", (_what, action, code) => {
    const found = broken(PLACE, action);
    expect(found?.code).toBe(code);
    expect(found?.reason).toContain("g-1");
  });
});

it("both limits hold at once, and no limit asks for nothing", () => {
  const both: Limits = { ...SUM, ...PLACE };
  expect(broken(both, { ...moving("1"), endpoint: "/accounts/17/x" })).toBeNull();
  expect(broken(both, moving("1"))?.code).toBe("limit_unstated");
  expect(broken(both, { ...moving("5001"), endpoint: "/accounts/17/x" })?.code).toBe("limit_amount");
  expect(broken(null, {})).toBeNull();
  expect(broken(NOTHING, { ...moving("0"), endpoint: "/accounts/17/x" })?.code).toBe("limit_resource");
});

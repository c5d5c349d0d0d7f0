import { describe, expect, it } from "vitest";
import { draftFaults, draftOf, limitsOf, limitWords, sumWords } from "./limit-words.ts";

const usd = (max: string) => ({ amount: { max, currency: "USD" } });

describe("limits in words", () => {
  it.each([
    [null, "anything the scope allows"],
    [usd("5000.00"), "at most 5,000.00 USD an action"],
    [{ resources: ["/accounts/17/*", "batch-7"] }, "on /accounts/17/*, batch-7 alone"],
    [{ ...usd("1"), resources: ["x"] }, "at most 1 USD an action, on x alone"],
  ])("%j: %s", (limits, words) => expect(limitWords(limits)).toBe(words));

  it("never call limits that leave nothing a grant of everything", () => {
    expect(limitWords({ resources: [] })).toMatch(/^nothing/);
    expect(limitWords({ ...usd("1"), resources: [] })).toMatch(/^nothing/);
  });

  it("round no digit", () => {
    expect(sumWords({ max: "9999999999999.9999", currency: "USD" })).toBe("9,999,999,999,999.9999 USD");
    expect(sumWords({ max: "100", currency: "JPY" })).toBe("100 JPY");
  });
});

describe("limits that are typed", () => {
  it("are what they were read from, when nothing is changed", () => {
    const limits = { ...usd("5000.00"), resources: ["x"] };
    expect(limitsOf(draftOf(limits), "USD")).toEqual(limits);
    expect(limitsOf(draftOf(null), null)).toBeNull();
  });

  it("are a sum only where the scope is about sums", () => {
    expect(limitsOf({ max: " 5 ", resources: [] }, "USD")).toEqual(usd("5"));
    expect(limitsOf({ max: "5", resources: [] }, null)).toBeNull();
  });

  it.each(["5,000", "-1", "5e3", "1.00001", "five"])("are told to be no sum: %s", (max) =>
    expect(draftFaults({ max, resources: [] }).max).toContain("such as 5000"),
  );

  it("are told which resource is none, and why", () => {
    expect(draftFaults({ max: "", resources: ["x", "/a/*/b"] }).resources).toMatch(/^\/a\/\*\/b: .*end/);
    expect(draftFaults({ max: "5000.00", resources: ["/a/*"] })).toEqual({ max: null, resources: null });
  });
});

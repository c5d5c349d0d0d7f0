import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grantLimits } from "../limits-schema.ts";
import { checkLimits, type LimitedAction } from "./check-limits.ts";
import {
  fillFrom,
  isAtMostAsWide,
  isNothing,
  type Limits,
  meetLimits,
  NOTHING,
  readLimits,
} from "./narrow-limits.ts";

const usd = (max: string) => ({ amount: { max, currency: "USD" } });
const at = (...resources: string[]) => ({ resources });

describe("limits as they are stored", () => {
  it("are read in one form, whatever the order and the zeros of what was written", () => {
    const one = readLimits({ ...usd("5000"), ...at("/b/*", "/a/1", "/a/*") });
    expect(one).toEqual({ ...usd("5000.00"), ...at("/a/*", "/b/*") });
    expect(readLimits({ ...at("/a/*", "/b/*", "/b/*"), ...usd("5000.0000") })).toEqual(one);
    expect(readLimits({})).toBeNull();
    expect(readLimits(null)).toBeNull();
    expect(readLimits(undefined)).toBeNull();
  });

  it.each<[string, unknown]>([
    ["a sum that is a number", { amount: { max: 5000, currency: "USD" } }],
    ["a sign", usd("-1")],
    ["an exponent", usd("5e3")],
    ["five decimals", usd("1.00001")],
    ["a currency of another form", { amount: { max: "1", currency: "usd" } }],
    ["a member that nobody knows", { ...usd("1"), unless: "friday" }],
    ["a star in the middle", at("/accounts/*/x")],
    ["a star that is no part of its own", at("/accounts/1*")],
    ["a step upwards before the star", at("/accounts/17/../*")],
    ["text", "everything"],
    ["a list", []],
  ])("allow nothing where they hold %s", (_what, stored) => {
    expect(readLimits(stored)).toEqual(NOTHING);
    expect(
      checkLimits({ endpoint: "/accounts/1" }, { limits: readLimits(stored), grantId: "g" }),
    ).not.toBeNull();
  });

  it("are asked for only so long as a token can carry them in a header", () => {
    const long = (count: number) => at(...Array.from({ length: count }, (_, n) => `${n}`.padStart(200, "x")));
    expect(grantLimits.safeParse(long(10)).success).toBe(true);
    expect(grantLimits.safeParse(long(11)).success).toBe(false);
  });

  it("are never asked for as an empty list of resources, which would read as none", () => {
    expect(grantLimits.safeParse(at()).success).toBe(false);
  });
});

describe("limits are at most as wide as others", () => {
  it.each<[Limits, Limits, boolean]>([
    [null, null, true],
    [usd("1"), null, true],
    [null, usd("1"), false],
    [usd("5000.00"), usd("5000"), true],
    [usd("5000.0001"), usd("5000"), false],
    [usd("9"), usd("10"), true],
    [{ amount: { max: "1", currency: "EUR" } }, usd("5000"), false],
    [at("/a/1"), at("/a/*"), true],
    [at("/a/*"), at("/a/1"), false],
    [at("/a/1/*"), at("/a/*"), true],
    [at("/ab/1"), at("/a/*"), false],
    [at("/a/1", "/b"), at("/a/*"), false],
    [at("/a/1"), usd("1"), false],
    [{ ...usd("1"), ...at("/a/1") }, usd("1"), true],
    [NOTHING, usd("1"), true],
    [usd("0"), NOTHING, false],
  ])("%j within %j: %s", (inner, outer, expected) => expect(isAtMostAsWide(inner, outer)).toBe(expected));
});

describe("what two limits both allow", () => {
  it.each<[string, Limits, Limits, Limits]>([
    ["the smaller sum", usd("10.00"), usd("9.00"), usd("9.00")],
    ["nothing of two currencies", usd("1"), { amount: { max: "1", currency: "EUR" } }, NOTHING],
    ["the narrower pattern", at("/a/*", "x"), at("/a/1", "x"), at("/a/1", "x")],
    ["nothing where they share nothing", at("/a/*"), at("/b/*"), NOTHING],
    ["each one's own member", usd("1.00"), at("x"), { ...usd("1.00"), ...at("x") }],
    ["nothing with nothing", NOTHING, usd("1"), NOTHING],
    ["the other with no limit", null, usd("1.00"), usd("1.00")],
  ])("is %s", (_what, one, other, met) => {
    expect(meetLimits(one, other)).toEqual(met);
    expect(meetLimits(other, one)).toEqual(met);
  });

  it("may be more patterns than one may ask for, and is read again as it is", () => {
    const names = (letter: string) => Array.from({ length: 19 }, (_, n) => `/${letter}/${n}`);
    const met = meetLimits(at("/a/*", ...names("b")), at("/b/*", ...names("a")));
    expect(met?.resources).toHaveLength(38);
    expect(readLimits(met)).toEqual(met);
  });
});

it("what is asked for and does not mention a member takes it from what is held", () => {
  expect(fillFrom(usd("1"), { ...usd("5"), ...at("x") })).toEqual({ ...usd("1.00"), ...at("x") });
  expect(fillFrom(null, usd("5"))).toEqual(usd("5.00"));
  expect(fillFrom(at("x"), null)).toEqual(at("x"));
});

describe("whatever the limits", () => {
  const part = fc.constantFrom("a", "b", "c", "..", "%2e%2e");
  const anyPath = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
  const anyPattern = fc
    .tuple(anyPath, fc.constantFrom("", "/*"))
    .map((parts) => parts.join(""))
    .filter((text) => grantLimits.safeParse(at(text)).success);
  const anySum = fc
    .tuple(fc.nat(3), fc.nat({ max: 9_999 }))
    .map(([whole, fraction]) => `${whole}.${String(fraction).padStart(4, "0")}`);
  const anyLimits = fc
    .record(
      {
        amount: fc.record({ max: anySum, currency: fc.constantFrom("USD", "EUR") }),
        resources: fc.array(anyPattern, { maxLength: 4 }),
      },
      { requiredKeys: [] },
    )
    .map((it) => readLimits(it));
  const anyAction = fc.record<LimitedAction>(
    {
      endpoint: anyPath,
      peer: anyPath,
      subjects: fc.array(anyPath, { maxLength: 2 }),
      details: fc.record({ amount: anySum, currency: fc.constantFrom("USD", "EUR") }),
    },
    { requiredKeys: [] },
  );
  const allows = (limits: Limits, action: LimitedAction) =>
    checkLimits(action, { limits, grantId: "g" }) === null;

  it("their meet is the same in any order and grouping, and of one with itself the same again", () =>
    fc.assert(
      fc.property(anyLimits, anyLimits, anyLimits, (a, b, c) => {
        expect(meetLimits(a, b)).toEqual(meetLimits(b, a));
        expect(meetLimits(meetLimits(a, b), c)).toEqual(meetLimits(a, meetLimits(b, c)));
        expect(meetLimits(a, a)).toEqual(a);
      }),
    ));

  it("their meet is at most as wide as each, and the widest that is", () =>
    fc.assert(
      fc.property(anyLimits, anyLimits, anyLimits, (a, b, c) => {
        const met = meetLimits(a, b);
        expect(isAtMostAsWide(met, a) && isAtMostAsWide(met, b)).toBe(true);
        if (isAtMostAsWide(c, a) && isAtMostAsWide(c, b)) expect(isAtMostAsWide(c, met)).toBe(true);
      }),
    ));

  it("narrower ones allow no action that wider ones refuse", () =>
    fc.assert(
      fc.property(anyLimits, anyLimits, anyAction, (a, b, action) => {
        const met = meetLimits(a, b);
        if (allows(met, action)) expect(allows(a, action) && allows(b, action)).toBe(true);
        if (isAtMostAsWide(a, b) && allows(a, action)) expect(allows(b, action)).toBe(true);
        if (isNothing(a)) expect(allows(a, action)).toBe(false);
      }),
      { numRuns: 2_000 },
    ));
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coversResource, isAddress, isWithin } from "./resource-pattern.ts";

const UNDER = "/accounts/17/*";

describe("a pattern that ends in a star covers", () => {
  it.each(["/accounts/17/transfers", "/accounts/17/a/b", "/accounts/17/x?to=../1", "/accounts/17/.hidden"])(
    "%s",
    (named) => expect(coversResource(UNDER, named)).toBe(true),
  );

  it.each([
    "/accounts/17",
    "/accounts/17/",
    "/accounts/170/x",
    "/accounts/18/x",
    "accounts/17/x",
    "/Accounts/17/x",
    " /accounts/17/x",
    "/accounts/17/../18/x",
    "/accounts/17/..",
    "/accounts/17/./x",
    "/accounts/17//x",
    "/accounts/17/x/../../18",
    "/accounts/17/%2e%2e/18",
    "/accounts/17/.%2E/18",
    "/accounts/17/%252e%252e/18",
    "/accounts/17/..%2f18",
    "/accounts/17/..\\18",
    "/accounts/17/..?id=18",
    "/accounts/17/..#18",
    "/accounts/17/..;/18/transfers",
    "/accounts/17/x;v=1/../18",
    "/accounts/17/..%3b/18",
    "/accounts/17/..%00/18",
    "/accounts/17/\uff0e\uff0e/18",
    "/accounts/17/?to=18",
    "https://evil.example/accounts/17/x",
  ])("not %s", (named) => expect(coversResource(UNDER, named)).toBe(false));
});

it("a pattern without a star covers itself alone, a star in a name being one", () => {
  expect(coversResource("batch-7", "batch-7")).toBe(true);
  expect(coversResource("batch-7", "batch-70")).toBe(false);
  expect(coversResource("batch-7", "/batch-7/*")).toBe(false);
  expect(coversResource("/accounts/17", "/accounts/17/x")).toBe(false);
});

it("a path and a URL are addresses, a name is none", () => {
  expect(["/a/*", "https://core.example/a/*"].map(isAddress)).toEqual([true, true]);
  expect(["batch-7", "customers/7", "core"].map(isAddress)).toEqual([false, false, false]);
});

it("whatever lies within another pattern covers nothing that the other does not", () => {
  const part = fc.constantFrom("a", "b", "..", "", "%2e");
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const pattern = fc.tuple(path, fc.constantFrom("", "/*")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(pattern, pattern, path, (inner, outer, named) => {
      if (isWithin(inner, outer) && !inner.includes("../*") && coversResource(inner, named))
        expect(coversResource(outer, named)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

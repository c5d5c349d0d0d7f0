import fc from "fast-check";
import { expect, it } from "vitest";
import { matchesPattern } from "./action-pattern.ts";
import { patternsOverlap } from "./patterns-overlap.ts";

const pattern = fc.stringMatching(/^[ab.:*]{0,7}$/);

it.each([
  ["x.read*", "x.*", true],
  ["*.read", "x.*", true],
  ["x.*", "y.*", false],
  ["x.*", "x.*.*", false],
  ["*:Get*", "s3:GetObject", true],
  ["*:Get*", "s3:Put*", false],
  ["a*b", "ab*", true],
  ["a*", "a.b", false],
  ["*", "", true],
])("%s and %s: %s", (a, b, told) => {
  expect(patternsOverlap(a, b)).toBe(told);
  expect(patternsOverlap(b, a)).toBe(told);
});

it("is what trying every name finds", () => {
  const names = allNames(6);
  fc.assert(
    fc.property(pattern, pattern, (a, b) => {
      const found = names.some((name) => matchesPattern(a, name) && matchesPattern(b, name));
      // Two patterns of seven may share only longer names than were tried, never shorter ones alone.
      if (found) expect(patternsOverlap(a, b)).toBe(true);
      if (a.length + b.length <= 6) expect(patternsOverlap(a, b)).toBe(found);
    }),
    { numRuns: 300 },
  );
});

function allNames(length: number): string[] {
  let names = [""];
  const all = [""];
  for (let i = 0; i < length; i++) {
    names = names.flatMap((name) => ["a", "b", ".", ":"].map((it) => name + it));
    all.push(...names);
  }
  return all;
}

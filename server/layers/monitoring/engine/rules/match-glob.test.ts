import fc from "fast-check";
import { expect, it } from "vitest";
import { compileGlobs, matchGlob } from "./match-glob.ts";

it.each([
  ["customers.read", "customers.read", true],
  ["customers.read", "customers.read.all", false],
  ["customers.*", "customers.", true],
  ["*.read", "read", false],
  ["a*b*c", "aXbYc", true],
  ["a*b*c", "acb", false],
  ["ab*ba", "aba", false],
  ["*aa*aa*", "aaa", false],
  ["*", "", true],
  ["", "", true],
  ["", "a", false],
  ["a.b", "axb", false],
])("%s against %s: %s", (pattern, name, fits) => {
  expect(matchGlob(pattern, name)).toBe(fits);
});

it("agrees with the expression it stands for", () => {
  const text = (chars: string) => fc.string({ unit: fc.constantFrom(...chars), maxLength: 12 });
  fc.assert(
    fc.property(text("ab*"), text("ab"), (pattern, name) => {
      const parts = pattern.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      expect(matchGlob(pattern, name)).toBe(new RegExp(`^${parts.join(".*")}$`).test(name));
    }),
    { numRuns: 2_000 },
  );
});

it("a pattern that would take an expression for ever takes no time", () => {
  const name = `${"a".repeat(100_000)}!`;
  const started = performance.now();
  expect(matchGlob(`${"*a".repeat(6)}*b`, name)).toBe(false);
  expect(matchGlob(`${"*a*".repeat(50)}!`, name)).toBe(true);
  expect(performance.now() - started).toBeLessThan(200);
});

it("the case of letters does not matter, and names without end are not remembered without end", () => {
  const fits = compileGlobs(["Customers.*"]);
  for (let i = 0; i < 10_000; i++) expect(fits(`customers.${i}`)).toBe(true);
  expect(fits("accounts.read")).toBe(false);
});

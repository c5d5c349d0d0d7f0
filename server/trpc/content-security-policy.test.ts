import { expect, it } from "vitest";
import { contentSecurityPolicy } from "./content-security-policy.ts";

const directives = (policy: string) =>
  Object.fromEntries(policy.split("; ").map((one) => [one.split(" ")[0], one.split(" ").slice(1).join(" ")]));

it("lets scripts run by nonce alone, and nothing from elsewhere", () => {
  const policy = directives(contentSecurityPolicy("bm9uY2U=", false));
  expect(policy["script-src"]).toBe("'nonce-bm9uY2U=' 'strict-dynamic'");
  expect(policy["default-src"]).toBe("'none'");
  expect(policy["style-src"]).toBe("'self' 'nonce-bm9uY2U='");
  expect(policy["require-trusted-types-for"]).toBe("'script'");
  for (const name of ["base-uri", "frame-ancestors", "object-src"]) expect(policy[name]).toBe("'none'");
  expect(Object.values(policy).join(" ")).not.toMatch(/unsafe-eval|https?:|\*/);
});

it("loosens for development alone", () => {
  expect(contentSecurityPolicy("n", true)).toContain("'unsafe-eval'");
  expect(contentSecurityPolicy("n", false)).not.toMatch(/unsafe-eval|style-src [^;]*unsafe-inline/);
});

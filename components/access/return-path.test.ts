import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { returnPath } from "./return-path.ts";

describe("the way back after sign-in", () => {
  it("is the page that was asked for", () => {
    expect(returnPath("/incidents/42?tab=clocks")).toBe("/incidents/42?tab=clocks");
  });

  it.each([
    ["another site", "https://evil.example/"],
    ["a protocol-relative address", "//evil.example"],
    ["a backslash that browsers read as a slash", "/\\evil.example"],
    ["a tab that browsers drop", "/\t/evil.example"],
    ["a script", "javascript:alert(1)"],
    ["nothing", undefined],
  ])("%s leads to the overview", (_, next) => expect(returnPath(next)).toBe("/"));

  it("always stays on this console", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const url = new URL(returnPath(text), "https://console.bank");
        expect(url.origin).toBe("https://console.bank");
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(new URL(returnPath(`/${text}`), "https://console.bank").origin).toBe("https://console.bank");
      }),
    );
  });
});

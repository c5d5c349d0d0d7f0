import { describe, expect, it } from "vitest";
import { parseQuery } from "#server/layers/monitoring/engine/parse-query.ts";
import { termOf, withSpan, withTerm } from "./query-text.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const reads = (text: string) => expect(parseQuery(text, NOW).fault, text).toBeNull();

describe("clicks become text that the server reads", () => {
  it("every facet's value, hostile ones quoted", () => {
    for (const [facet, value] of [
      ["status", "open"],
      ["age", "1h - 1d"],
      ["age", "> 7d"],
      ["agent", 'a "quoted\\" (name): or'],
      ["rule", "clock-4h:INC-0001"],
      ["owner", "none"],
    ] as const) {
      reads(termOf(facet, value));
      reads(withTerm("status:open", termOf(facet, value)));
      reads(withTerm("status:open or kind:rule", termOf(facet, value), true));
    }
  });

  it("a term is added once, and alternatives keep their meaning", () => {
    expect(withTerm("status:open", "status:open")).toBe("status:open");
    expect(withTerm("a or b", "kind:rule")).toBe("(a or b) kind:rule");
    expect(withTerm("", "age >= 1h and age < 1d", true)).toBe("not (age >= 1h and age < 1d)");
  });

  it("a span takes the place of the one before it", () => {
    const one = withSpan("status:open", new Date(NOW - 1_000), new Date(NOW));
    const two = withSpan(one, new Date(NOW - 5_000), new Date(NOW));
    expect(two.match(/opened/g)).toHaveLength(2);
    expect(two).toContain("status:open");
    reads(two);
  });
});

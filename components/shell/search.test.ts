import { describe, expect, it } from "vitest";
import { pauseMs, routersOf } from "./topics.ts";
import { byNumber } from "./use-search.ts";

describe("search", () => {
  it.each([
    ["INC-0042", "/incidents/42"],
    ["inc42", "/incidents/42"],
    ["al-981", "/alerts?alert=981"],
  ])("%s goes straight to %s", (text, href) => expect(byNumber(text)[0]?.href).toBe(href));

  it.each(["INC-", "incident", "AL-0", "42", "INC-4x"])("%s is no number", (text) =>
    expect(byNumber(text)).toEqual([]),
  );
});

describe("live changes", () => {
  it("every topic that people see leads to something read anew", () => {
    for (const topic of [
      "record",
      "agent",
      "approval",
      "alert",
      "containment",
      "incident",
      "clock",
      "isolation",
    ])
      expect(routersOf(topic).length).toBeGreaterThan(0);
  });

  it("a topic that no screen shows reads nothing", () => expect(routersOf("process")).toEqual([]));

  it("an alert is shown at once, a flood of records costs few readings", () => {
    expect(pauseMs("alerts")).toBeLessThanOrEqual(500);
    expect(pauseMs("audit")).toBeGreaterThan(1_000);
  });
});

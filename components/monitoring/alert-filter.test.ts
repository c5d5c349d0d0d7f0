import { describe, expect, it } from "vitest";
import { alertFilter } from "#server/layers/monitoring/schema.ts";
import { alertFilterOf, VIEWS, viewOf } from "./alert-filter.ts";

describe("the alerts' views", () => {
  it("every view is a filter that the server takes, however long the query in the address is", () => {
    for (const view of VIEWS)
      for (const query of [null, "severity:high", "a".repeat(5_000)])
        expect(alertFilter.safeParse(alertFilterOf(view, "u1", query)).success).toBe(true);
  });

  it("no open alert is in the closed view, no closed one in the others", () => {
    for (const view of VIEWS)
      expect(alertFilterOf(view, "u1", null).status?.includes("closed")).toBe(view === "closed");
  });

  it("an address that names no view shows all open alerts", () =>
    expect(viewOf("; drop table")).toBe("open"));
});

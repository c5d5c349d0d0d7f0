import { describe, expect, it } from "vitest";
import { alertFilter } from "#server/layers/monitoring/schema.ts";
import { alertFilterOf, VIEWS, viewOf } from "./alert-filter.ts";

describe("the alerts' views", () => {
  it("every view is a filter that the server takes", () => {
    for (const view of VIEWS)
      expect(alertFilter.safeParse(alertFilterOf(view, "u1", "kyc", "critical")).success).toBe(true);
  });

  it("no open alert is in the closed view, no closed one in the others", () => {
    for (const view of VIEWS)
      expect(alertFilterOf(view, "u1", null, null).status?.includes("closed")).toBe(view === "closed");
  });

  it("a severity that does not exist hides nothing", () => {
    expect(alertFilterOf("open", "u1", null, "catastrophic")).not.toHaveProperty("severity");
  });

  it("an address that names no view shows all open alerts", () =>
    expect(viewOf("; drop table")).toBe("open"));
});

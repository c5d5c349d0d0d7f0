import { describe, expect, it } from "vitest";
import { LAYERS } from "#server/layers.ts";
import { currentEntry, currentLayer, isAt, WORK } from "./nav-items.ts";

describe("the navigation", () => {
  it("marks exactly one entry for every page it leads to, and for pages below it", () => {
    for (const { path, key } of WORK) expect(currentEntry(path)).toBe(key);
    expect(currentEntry("/agents/payment-analyzer-003")).toBe("agents");
    expect(currentEntry("/incidents/42")).toBe("incidents");
    expect(currentEntry("/rotation")).toBe("rotation");
  });

  it("the overview is marked on the overview alone", () => {
    expect(isAt("/agents", "/")).toBe(false);
    expect(isAt("/", "/")).toBe(true);
  });

  it("a path that merely begins like another is not below it", () => {
    expect(isAt("/agents-archive", "/agents")).toBe(false);
  });

  it("knows the layer of every layer's page", () => {
    for (const layer of LAYERS) expect(currentLayer(layer.path)).toBe(layer.key);
    expect(currentLayer("/shadow-agents")).toBe("identity");
    expect(currentLayer("/break-glass")).toBe("authorization");
    expect(currentLayer("/behaviour")).toBe("monitoring");
    expect(currentLayer("/clocks")).toBe("compliance");
    expect(currentLayer("/maintenance")).toBe("monitoring");
    expect(currentLayer("/duties")).toBe("compliance");
    expect(currentLayer("/policy/change")).toBe("authorization");
    expect(currentLayer("/rules/change")).toBe("monitoring");
    expect(currentLayer("/settings")).toBeNull();
  });
});

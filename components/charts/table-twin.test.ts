import { describe, expect, it } from "vitest";
import { linePath } from "./sparkline.tsx";
import { tableTwin } from "./table-twin.ts";

const format = (value: number) => value.toFixed(2);

describe("a chart's table twin", () => {
  it("says the same as the chart, newest first", () => {
    const rows = tableTwin(
      [
        { atMs: Date.parse("2026-11-23T09:37:00Z"), value: 0.2, low: 0.1, high: 0.3 },
        { atMs: Date.parse("2026-11-23T09:38:00Z"), value: 0.96, low: 0.1, high: 0.3 },
      ],
      format,
    );
    expect(rows).toEqual([
      { at: "2026-11-23 09:38:00", value: "0.96", usual: "0.10 to 0.30" },
      { at: "2026-11-23 09:37:00", value: "0.20", usual: "0.10 to 0.30" },
    ]);
  });

  it("never shows silence as zero", () => {
    const [row] = tableTwin([{ atMs: 0, value: null, low: null, high: null }], format);
    expect(row).toMatchObject({ value: "not measured", usual: "—" });
  });
});

describe("a sparkline", () => {
  it("lifts the pen where nothing was measured", () => {
    expect(linePath([0, 1, null, 1], 1).match(/M/g)).toHaveLength(2);
  });

  it("stays inside its box when a value is over the scale", () => {
    expect(linePath([5, 5], 1)).toBe(linePath([1, 1], 1));
  });
});

import { describe, expect, it } from "vitest";
import { levelRows } from "./level-rows.ts";

const format = (value: number) => value.toFixed(2);
const at = (hour: number) => Date.UTC(2026, 10, 23, hour);

describe("a level chart's table twin", () => {
  it("says what the line says, newest first, and what counted instead within a band, its end left out", () => {
    const bands = [{ fromMs: at(10), toMs: at(11), value: 0.9, label: "set by hand" }];
    const points = [9, 10, 11].map((hour) => ({ atMs: at(hour), value: 0.5 }));
    expect(levelRows(points, bands, format)).toEqual([
      { at: "2026-11-23 11:00:00", value: "0.50", instead: "—" },
      { at: "2026-11-23 10:00:00", value: "0.50", instead: "0.90, set by hand" },
      { at: "2026-11-23 09:00:00", value: "0.50", instead: "—" },
    ]);
  });

  it("never shows what was not measured as zero", () =>
    expect(levelRows([{ atMs: 0, value: null }], [], format)[0]?.value).toBe("not measured"));
});

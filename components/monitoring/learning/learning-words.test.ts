import { describe, expect, it } from "vitest";
import { calibrationWords, falseShare, readUtc } from "./learning-words.ts";

describe("words of learning", () => {
  it("tell false alarms among those judged, and when none was", () => {
    expect(falseShare({ alerts: 5, judged: 3, falsePositives: 2 })).toBe("2 of 3 (67 %)");
    expect(falseShare({ alerts: 5, judged: 0, falsePositives: 0 })).toBe("none judged");
    expect(falseShare({ alerts: 0, judged: 0, falsePositives: 0 })).toBe("–");
  });

  it("tell calibration only where the model does", () => {
    expect(calibrationWords({ at: { record: 3.5, limit: 5, contain: 6.51 } })).toBe("3.5 / 5.0 / 6.5");
    for (const model of [{}, { at: {} }, { at: { record: "3", limit: 5, contain: 6 } }])
      expect(calibrationWords(model)).toBe("not told");
  });

  it("read an instant as UTC whatever the browser's zone, and no date that is none", () => {
    expect(readUtc("2026-11-25T12:30")?.toISOString()).toBe("2026-11-25T12:30:00.000Z");
    expect(readUtc("2026-11-25T12:30:05")?.toISOString()).toBe("2026-11-25T12:30:05.000Z");
    for (const text of ["", "2026-11-25", "2026-02-30T12:00", "25.11.2026 12:00", "2026-11-25T25:00"])
      expect(readUtc(text)).toBeNull();
  });
});

import { describe, expect, test } from "vitest";
import type { ScoringLag } from "#server/layers/monitoring/lag-schema.ts";
import { lagWords } from "./lag-words.ts";

const NOW = Date.parse("2026-11-25T10:00:00Z");
const lag = (more: Partial<ScoringLag> = {}): ScoringLag => ({
  ...{ state: "fresh", lagMs: 340, foldMs: 40, scoreMs: 300, waiting: 0, since: null },
  ...{ words: "scoring is 340 ms behind", measuredAt: new Date(NOW - 1_000) },
  ...more,
});

describe("the lag of scoring in words", () => {
  test("fresh, behind by how much, and standing since when", () => {
    expect(lagWords(lag(), false, NOW)).toEqual({
      text: "scoring fresh",
      tone: "ok",
      title: "Folding 40 ms, scoring 300 ms; 0 counts wait. Measured by the worker's own runs.",
    });
    expect(lagWords(lag({ state: "behind", lagMs: 12_400, waiting: 4_200 }), false, NOW)).toMatchObject({
      text: "scoring 12 s behind",
      tone: "high",
      title: expect.stringContaining("4,200 counts wait"),
    });
    const standing = lag({
      state: "standing",
      since: new Date(NOW - 120_000),
      words: "scoring stands: windows are not scored (the pool is empty)",
    });
    expect(lagWords(standing, false, NOW)).toMatchObject({
      text: "scoring stands, last run 2 min ago",
      tone: "critical",
      title: expect.stringContaining("Scoring stands: windows are not scored (the pool is empty)."),
    });
    expect(lagWords({ ...standing, since: null }, false, NOW).text).toBe("scoring stands");
  });

  test("what is not known never looks fresh: unread, failed, or measured long ago", () => {
    expect(lagWords(null, false, NOW)).toMatchObject({ text: "lag …", tone: "neutral" });
    expect(lagWords(null, true, NOW)).toMatchObject({ text: "lag not known", tone: "medium" });
    const old = lag({ measuredAt: new Date(NOW - 31_000) });
    expect(lagWords(old, true, NOW)).toMatchObject({ text: "lag not known", tone: "medium" });
  });
});

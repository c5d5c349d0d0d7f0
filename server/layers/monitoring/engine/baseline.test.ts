import { describe, expect, test } from "vitest";
import { seeded, usualMinute, usualWeeks } from "../testing/usual-weeks.ts";
import { LEARNING_DAYS, LEARNING_WINDOWS, learnBaseline, learningProgress } from "./baseline.ts";
import { calibrate, scoreOfLength } from "./calibrate.ts";
import { findDrift } from "./drift.ts";
import { featuresOfImport } from "./features.ts";
import { score } from "./score.ts";
import { staticScore } from "./static-score.ts";

const ZONE = "UTC";
const START = Date.parse("2026-11-02T00:00:00Z");
const windows = usualWeeks({ weeks: 3, fromMs: START, timeZone: ZONE });
const baseline = learnBaseline(windows, ZONE);
const TUESDAY_TEN = Date.parse("2026-11-24T10:30:00Z");

describe("a baseline", () => {
  test("knows the usual of an hour of the week, not of the day alone", () => {
    const tuesdayTen = 24 + 10;
    expect(Math.exp(baseline.volume.apiCallsPerMinute.centre[tuesdayTen] ?? 0) - 1).toBeGreaterThan(60);
    expect(Math.exp(baseline.volume.apiCallsPerMinute.centre[tuesdayTen] ?? 0) - 1).toBeLessThan(160);
    expect(baseline.activity[tuesdayTen]).toBeGreaterThan(0.9);
    expect(baseline.activity[24 + 3]).toBeLessThan(0.02);
    expect(baseline.activity[120 + 10]).toBeLessThan(0.1);
  });

  test("an attack of one hour inside the learning time does not make itself usual", () => {
    const attackFrom = Date.parse("2026-11-10T10:00:00Z");
    const attack = featuresOfImport({
      calls: 850,
      megabytes: 1_000,
      endpoints: 40,
      refused: 0,
      networks: { "203.0.113.0/24": 850 },
    });
    const poisoned = windows.map((w) =>
      w.atMs > attackFrom && w.atMs <= attackFrom + 3_600_000 ? { ...w, features: attack } : w,
    );
    expect(score(attack, TUESDAY_TEN, learnBaseline(poisoned, ZONE)).score).toBeGreaterThan(0.9);
  });

  test("the order of the windows does not matter", () => {
    const random = seeded(4);
    const shuffled = [...windows].sort(() => random() - 0.5);
    expect(learnBaseline(shuffled, ZONE)).toEqual(baseline);
  });

  test("learning is labelled n of m, and done only with enough minutes on enough days", () => {
    expect(learningProgress(812, 3)).toMatchObject({
      enough: false,
      words: "learning: 812 of 2000 active minutes, 3 of 7 days",
    });
    expect(learningProgress(LEARNING_WINDOWS, LEARNING_DAYS - 1).enough).toBe(false);
    expect(learningProgress(LEARNING_WINDOWS, LEARNING_DAYS).enough).toBe(true);
  });

  test("no window at all is a programmer's error", () => {
    expect(() => learnBaseline([], ZONE)).toThrow(RangeError);
  });

  test("a slow rise shows as drift, and noise does not", () => {
    const later = (factor: number) =>
      learnBaseline(
        usualWeeks({ weeks: 3, fromMs: START, timeZone: ZONE, seed: 8 }).map(({ atMs, features }) => ({
          atMs,
          features: { ...features, dataMegabytes: features.dataMegabytes * factor },
        })),
        ZONE,
      );
    expect(findDrift(baseline, later(1))).toBeNull();
    expect(findDrift(baseline, later(3))).toMatchObject({ feature: "dataMegabytes" });
    expect(findDrift(baseline, later(0.2))).toBeNull();
  });
});

describe("calibration", () => {
  const span = { fromMs: 0, toMs: 21 * 86_400_000 };
  const lengths = (scale: number) => {
    const random = seeded(2);
    return Array.from({ length: 21 * 1_440 }, (_, i) => ({
      atMs: (i + 1) * 60_000,
      length: 2 - scale * Math.log(1 - random()),
    }));
  };

  test("0.5, 0.7 and 0.9 stand for their declared rates on data that follows the fit", () => {
    const { at, observed } = calibrate(lengths(0.8), span);
    const fresh = seeded(99);
    const days = 400;
    const alarms = { record: 0, limit: 0, contain: 0 };
    for (let hour = 0; hour < days * 24; hour++) {
      let highest = 0;
      for (let i = 0; i < 60; i++) highest = Math.max(highest, 2 - 0.8 * Math.log(1 - fresh()));
      for (const level of ["record", "limit", "contain"] as const)
        if (highest > at[level]) alarms[level] += 1 / days;
    }
    expect(alarms.record).toBeGreaterThan(0.4);
    expect(alarms.record).toBeLessThan(2.5);
    expect(alarms.limit).toBeLessThan(0.4);
    expect(alarms.contain).toBeLessThan(0.06);
    expect(observed.record).toBeGreaterThan(0.3);
  });

  test("an agent with a wilder tail gets higher thresholds; a regular one never falls under the floors", () => {
    expect(calibrate(lengths(2), span).at.contain).toBeGreaterThan(calibrate(lengths(0.8), span).at.contain);
    expect(calibrate([{ atMs: 1, length: 0.1 }], span)).toMatchObject({
      at: { record: 3.5, limit: 5, contain: 6.5 },
      floored: true,
    });
  });

  test("the score never falls as the deviation grows, and meets its marks", () => {
    const calibration = calibrate(lengths(0.8), span);
    let before = 0;
    for (let length = 0; length < 60; length += 0.01) {
      const value = scoreOfLength(length, calibration);
      expect(value).toBeGreaterThanOrEqual(before);
      before = value;
    }
    expect(before).toBeLessThanOrEqual(1);
    expect(scoreOfLength(calibration.at.record, calibration)).toBe(0.5);
    expect(scoreOfLength(calibration.at.limit, calibration)).toBe(0.7);
    expect(scoreOfLength(calibration.at.contain, calibration)).toBe(0.9);
  });
});

describe("the fixed limits of agents that are learning", () => {
  test("name what was passed with the label, and never pass 0.9", () => {
    const wild = featuresOfImport({ calls: 100_000, megabytes: 1e6, endpoints: 9_999, refused: 99_999 });
    const { score: value, contributions } = staticScore(
      wild,
      "learning: 5 of 2000 active minutes, 1 of 7 days",
    );
    expect(value).toBeLessThanOrEqual(0.9);
    expect(contributions).toHaveLength(4);
    expect(contributions[0]?.words).toContain("5 of 2000");
    expect(staticScore(usualMinute(seeded(1)), "learning").score).toBe(0);
  });

  test("the seed's limit is more than 1,000 calls in 60 s: 1,000 itself is none", () => {
    const calls = (n: number) =>
      staticScore(featuresOfImport({ calls: n, megabytes: 0, endpoints: 1, refused: 0 }), "l").score;
    expect(calls(1_000)).toBe(0);
    expect(calls(1_001)).toBe(0.75);
  });
});

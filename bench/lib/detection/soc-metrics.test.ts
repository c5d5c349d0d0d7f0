import { describe, expect, test } from "vitest";
import {
  averagePrecision,
  benignWindows,
  calibrationError,
  detectionOf,
  eventRecall,
  eventsOf,
  falseAlertRate,
  falseAlertsByCause,
  hourPeaks,
  type JudgedWindow,
  recallByKind,
  recoveryHours,
  thresholdAt,
  thresholdForRecall,
} from "./soc-metrics.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A quiet minute of agent 0 that ends `minute` minutes after the beginning. */
function at(minute: number, score: number, more: Partial<JudgedWindow> = {}): JudgedWindow {
  return {
    agent: 0,
    atMs: minute * MINUTE,
    score,
    top: null,
    contains: false,
    attack: null,
    attackBytes: 0,
    benign: null,
    ...more,
  };
}
const attack = (minute: number, score: number, id = "flood#1", attackBytes = 10) =>
  at(minute, score, { attack: id, attackBytes });

describe("false alerts", () => {
  test("a standing alarm counts once an hour and agent", () => {
    const hour = Array.from({ length: 60 }, (_, i) => at(i + 1, 0.8));
    const next = at(61, 0.8);
    const other = at(30, 0.8, { agent: 1 });
    const peaks = hourPeaks([...hour, next, other]);
    expect(peaks).toEqual([0.8, 0.8, 0.8]);
    expect(falseAlertRate(peaks, 0.7, 2)).toBe(1.5);
    expect(falseAlertRate(peaks, 0.8, 2)).toBe(0);
  });

  test("an hour ends with the minute that ends on it", () => {
    expect(hourPeaks([at(60, 0.9), at(61, 0.8)])).toEqual([0.9, 0.8]);
    expect(hourPeaks([at(59, 0.9), at(60, 0.8)])).toEqual([0.9]);
  });

  test("an attacked minute and the hour after it are never false, for its own agent alone", () => {
    const windows = [at(1, 0.1), attack(2, 0.9), at(62, 0.8), at(63, 0.7), at(3, 0.6, { agent: 1 })];
    expect(benignWindows(windows).map(({ score }) => score)).toEqual([0.1, 0.7, 0.6]);
  });

  test("are counted by the benign change they fell into", () => {
    const windows = [
      at(1, 0.9, { benign: "deploy" }),
      at(2, 0.8),
      at(70, 0.9),
      at(130, 0.9, { benign: "deploy" }),
      at(190, 0.1, { benign: "holiday" }),
    ];
    expect(Object.fromEntries(falseAlertsByCause(windows, 0.5))).toEqual({ deploy: 2, none: 1 });
  });
});

describe("thresholds", () => {
  const peaks = [0.9, 0.8, 0.7, 0.6];

  test("at a budget leave exactly that many alerts", () => {
    const threshold = thresholdAt(peaks, 0.5, 4);
    expect(threshold).toBe(0.7);
    expect(falseAlertRate(peaks, threshold, 4)).toBe(0.5);
    expect(falseAlertRate(peaks, thresholdAt(peaks, 0.25, 4), 4)).toBe(0.25);
  });

  test("with ties never exceed the budget", () => {
    const tied = [0.9, 0.9, 0.9, 0.2];
    expect(falseAlertRate(tied, thresholdAt(tied, 0.25, 4), 4)).toBe(0);
  });

  test("for a recall are the highest that reach it", () => {
    const events = eventsOf([0.9, 0.5, 0.7, 0.3].map((score, i) => attack(100 * i + 1, score, `flood#${i}`)));
    for (const [recall, reached] of [
      [0.5, 0.5],
      [0.6, 0.75],
      [0.75, 0.75],
      [1, 1],
    ] as const)
      expect(eventRecall(events, thresholdForRecall(events, recall))).toBe(reached);
    expect(thresholdForRecall(events, 0.5)).toBeCloseTo(0.7, 9);
  });
});

describe("attacks", () => {
  test("are found by a minute that they act in or the quarter of an hour after, by no later one", () => {
    const windows = [at(1, 0.99), attack(2, 0.2), at(17, 0.6), at(18, 0.95), at(10, 0.97, { agent: 1 })];
    const [event] = eventsOf(windows);
    expect(event).toMatchObject({ kind: "flood", peak: 0.6, bytes: 10, startMs: MINUTE });
  });

  test("a slow one is not found between its far apart minutes", () => {
    const [event] = eventsOf([attack(1, 0.1), at(100, 0.9), attack(200, 0.3), at(210, 0.4)]);
    expect(event?.peak).toBe(0.4);
  });

  test("delay runs from the first call's minute to the end of the minute with the alarm, loss until then", () => {
    const [event] = eventsOf([attack(10, 0.1), attack(11, 0.2), attack(12, 0.8), attack(13, 0.9)]);
    if (!event) throw new Error("no event");
    expect(detectionOf(event, 0.5)).toEqual({ minutes: 3, bytesLost: 30 });
    expect(detectionOf(event, 0.95)).toEqual({ minutes: null, bytesLost: 40 });
  });

  test("recall is told by kind", () => {
    const events = eventsOf([attack(1, 0.9), attack(100, 0.1, "recon#2"), attack(200, 0.8, "recon#3")]);
    expect(Object.fromEntries(recallByKind(events, 0.5))).toEqual({
      flood: { found: 1, of: 1 },
      recon: { found: 1, of: 2 },
    });
  });
});

describe("average precision", () => {
  test("is the mean precision at each attacked minute", () => {
    // Ranks 1 and 3 of 4: (1/1 + 2/3) / 2.
    const windows = [attack(1, 0.9), at(2, 0.8), attack(3, 0.7), at(4, 0.6)];
    expect(averagePrecision(windows)).toBeCloseTo(5 / 6, 9);
  });

  test("of a scorer that says the same of all is the share of attacks, in whatever order they come", () => {
    const windows = [attack(1, 0.5), ...Array.from({ length: 9 }, (_, i) => at(i + 2, 0.5))];
    expect(averagePrecision(windows)).toBeCloseTo(0.1, 9);
    expect(averagePrecision([...windows].reverse())).toBeCloseTo(0.1, 9);
  });

  test("without attacks is no number", () => {
    expect(averagePrecision([at(1, 0.5)])).toBeNaN();
  });
});

describe("calibration", () => {
  test("is how many times the declared rate is missed, either way", () => {
    expect(calibrationError(0.1, 0.1, 100)).toBe(1);
    expect(calibrationError(0.5, 0.1, 100)).toBeCloseTo(5, 9);
    expect(calibrationError(0.02, 0.1, 100)).toBeCloseTo(5, 9);
  });

  test("nothing measured counts as half an alert: a short test cannot prove a rare rate", () => {
    expect(calibrationError(0, 0.01, 50)).toBeCloseTo(1, 9);
    expect(calibrationError(0, 1, 50)).toBeCloseTo(100, 9);
  });
});

describe("recovery after a deploy", () => {
  test("ends with the last alarm before a whole day of calm", () => {
    const deploy = 10 * HOUR;
    const minute = (hours: number) => (deploy + hours * HOUR) / MINUTE;
    const windows = [at(minute(1), 0.9), at(minute(20), 0.9), at(minute(30), 0.2), at(minute(45), 0.9)];
    expect(recoveryHours(windows, 0, deploy, 0.5)).toBe(20);
    expect(recoveryHours(windows, 1, deploy, 0.5)).toBe(0);
    expect(recoveryHours(windows, 0, deploy, 0.95)).toBe(0);
  });
});

import { expect, test } from "vitest";
import { PROFILES } from "./profiles.ts";
import { activity, poisson, seededRandom, stolenCalls, usualCalls } from "./workload.ts";

test("the same seed makes the same calls", () => {
  const calls = () => PROFILES.map((profile) => usualCalls(profile, seededRandom(7))(50));
  expect(calls()).toEqual(calls());
});

test("every step leads to steps that exist, with odds that add up to one", () => {
  for (const { steps } of PROFILES)
    for (const step of Object.values(steps)) {
      expect(Object.keys(step.next).every((name) => name in steps)).toBe(true);
      expect(Object.values(step.next).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    }
});

test("the thief makes 850 calls and moves about a gigabyte a minute", () => {
  const calls = stolenCalls(PROFILES[0] as (typeof PROFILES)[number], seededRandom(1))(60);
  expect(calls).toHaveLength(850);
  expect(calls.reduce((sum, call) => sum + call.bytes, 0) / 1e9).toBeCloseTo(1, 1);
});

test("an office agent rests at night and at the weekend; a nightly one works at three", () => {
  expect(activity("business", 3, 1)).toBeLessThan(0.06);
  expect(activity("business", 13, 1)).toBeGreaterThan(0.9);
  expect(activity("business", 13, 6)).toBeLessThan(0.2);
  expect(activity("nightly", 3, 1)).toBeGreaterThan(0.9);
});

test("counts have the mean that was asked for", () => {
  const random = seededRandom(3);
  for (const mean of [0.5, 5, 80]) {
    const drawn = Array.from({ length: 4_000 }, () => poisson(mean, random));
    expect(drawn.reduce((a, b) => a + b, 0) / drawn.length / mean).toBeCloseTo(1, 1);
  }
});

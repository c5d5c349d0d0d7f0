import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationWords, shorterDurations } from "./duration.ts";

describe("a grant's duration", () => {
  it.each([
    [3_600, "1 h"],
    [86_400, "24 h"],
    [1_800, "30 min"],
    [5_400, "1 h 30 min"],
    [61, "61 s"],
    [864_000, "10 d"],
  ])("%i s reads %s", (seconds, words) => expect(durationWords(seconds)).toBe(words));

  it("an approver can only ever choose what was asked for, or less", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 1_000_000 }), (limit) => {
        const choices = shorterDurations(limit);
        expect(Math.max(...choices)).toBe(limit);
        expect(new Set(choices).size).toBe(choices.length);
      }),
    );
  });
});

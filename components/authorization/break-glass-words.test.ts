import { expect, it } from "vitest";
import { reviewTone, reviewWords } from "./break-glass-words.ts";

it.each([
  [{ review: "waiting", verdict: null }, "waiting", "medium"],
  [{ review: "overdue", verdict: null }, "overdue", "critical"],
  [{ review: "in-time", verdict: "justified" }, "justified", "ok"],
  [{ review: "late", verdict: "justified" }, "justified, late", "medium"],
  [{ review: "in-time", verdict: "not-justified" }, "not justified", "critical"],
  [{ review: "late", verdict: "not-justified" }, "not justified, late", "critical"],
] as const)("a use with %o reads %s", (use, words, tone) => {
  expect(reviewWords(use)).toBe(words);
  expect(reviewTone(use)).toBe(tone);
});

import { expect, test } from "vitest";
import type { Risk } from "#server/layers/authorization/policy-schema.ts";
import { byUrgency, urgencyOf } from "./urgency.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const HOUR = 3_600_000;
const request = (agoHours: number, leftHours: number, risk: Risk | null = "MEDIUM") => ({
  requestedAt: new Date(NOW - agoHours * HOUR),
  expiresAt: new Date(NOW + leftHours * HOUR),
  risk,
});

test.each([
  [request(0, 8), "calm"],
  [request(0, 8, "HIGH"), "today"],
  [request(6, 2), "today"],
  [request(6, 2, "HIGH"), "soon"],
  [request(7, 1), "soon"],
  [request(7, 1, "HIGH"), "now"],
  [request(8, 0), "over"],
  [request(8, 0, "HIGH"), "over"],
  [request(0, 8, null), "calm"],
])("the word comes from what is left and from the risk (%#)", (one, word) => {
  expect(urgencyOf(one, NOW).word).toBe(word);
});

test("a request that was never open for any time is over, not a fault", () => {
  expect(urgencyOf(request(0, 0), NOW).word).toBe("over");
});

test("the queue shows the most pressing first, and among equals who waited longest", () => {
  const [calm, older, pressing] = [request(0, 8), request(2, 6), request(7, 1, "HIGH")];
  expect(byUrgency([calm, older, pressing], NOW)).toEqual([pressing, older, calm]);
});

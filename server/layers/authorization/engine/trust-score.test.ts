import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TrustFacts, trustScore } from "./trust-score.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const PERFECT: TrustFacts = {
  ...{ knownSince: daysAgo(30), windows: 1_000, strangeWindows: 0, score: 0.1 },
  ...{ liveCredentials: 5, hasOwner: true, containments: [], confirmedAlerts: [], openSevereAlerts: 0 },
};
const UNKNOWN: TrustFacts = { ...PERFECT, knownSince: null, windows: 0, score: null };
const trust = (as: Partial<TrustFacts>) => trustScore({ ...PERFECT, ...as }, NOW).score;

describe("trust", () => {
  it("is full for an agent known three weeks that nothing speaks against", () => expect(trust({})).toBe(1));
  it("is at most 0.2 for one that nobody knows yet", () => expect(trustScore(UNKNOWN, NOW).score).toBe(0.2));
  it("grows with what is known, up to 21 days", () => {
    expect(trust({ knownSince: daysAgo(10.5) })).toBe(0.8);
    expect(trust({ knownSince: daysAgo(21) })).toBe(1);
    expect(trust({ knownSince: daysAgo(2_100) })).toBe(1);
    expect(trust({ knownSince: daysAgo(-5) })).toBe(0.6);
  });
  it("falls under the edge at once with a containment, and recovers as it fades", () => {
    expect(trust({ containments: [NOW] })).toBe(0.6);
    expect(trust({ containments: [daysAgo(45)] })).toBe(0.8);
    expect(trust({ containments: [daysAgo(90)] })).toBe(1);
  });
  it("is lowered by a behaviour score above 0.5, and exactly 0.5 lowers nothing", () => {
    expect(trust({ score: 0.5 })).toBe(1);
    expect(trust({ score: 0.95 })).toBe(0.62);
  });
  it("lands on exactly 0.8 where the sum is 0.8, not beside it", () => {
    expect(trust({ hasOwner: false, openSevereAlerts: 1 })).toBe(0.8);
    expect(trust({ openSevereAlerts: 2 })).toBe(0.8);
  });
});

const anyFacts = fc.record<TrustFacts>({
  knownSince: fc.option(fc.integer({ min: -3, max: 60 }).map(daysAgo)),
  windows: fc.nat(10_000),
  strangeWindows: fc.nat(20_000),
  score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  liveCredentials: fc.nat(9),
  hasOwner: fc.boolean(),
  containments: fc.array(fc.integer({ min: 0, max: 120 }).map(daysAgo), { maxLength: 5 }),
  confirmedAlerts: fc.array(fc.integer({ min: 0, max: 60 }).map(daysAgo), { maxLength: 5 }),
  openSevereAlerts: fc.nat(20),
});

describe("whatever the facts", () => {
  it("lies in [0, 1] and is the sum of its contributions, held to that range", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { score, contributions } = trustScore(facts, NOW);
        const sum = contributions.reduce((total, it) => total + it.value, 0);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(score).toBeCloseTo(Math.min(1, Math.max(0, sum)), 3);
      }),
    );
  });

  it("nothing that went wrong ever raises it", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { score } = trustScore(facts, NOW);
        const worse: Partial<TrustFacts>[] = [
          { containments: [...facts.containments, NOW] },
          { confirmedAlerts: [...facts.confirmedAlerts, NOW] },
          { openSevereAlerts: facts.openSevereAlerts + 1 },
          { strangeWindows: facts.strangeWindows + 10 },
          { score: Math.max(facts.score ?? 0, 0.99) },
          { hasOwner: false },
          { liveCredentials: 0 },
          { knownSince: null },
        ];
        for (const change of worse)
          expect(trustScore({ ...facts, ...change }, NOW).score).toBeLessThanOrEqual(score);
      }),
    );
  });
});

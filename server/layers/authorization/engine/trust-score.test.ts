import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TRUST_VERSION, type TrustFacts, trustScore } from "./trust-score.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const AUTHORITIES = ["business-owner", "compliance", "security-review"];
const attestedBy = (...authorities: string[]) =>
  authorities.map((authority) => ({ authority, expiresAt: daysAgo(-30) }));
const PERFECT: TrustFacts = {
  ...{ knownSince: daysAgo(30), windows: 1_000, strangeWindows: 0, score: 0.1 },
  ...{ liveCredentials: 5, lateRenewals: 0, hasOwner: true, attested: attestedBy(...AUTHORITIES) },
  ...{ containments: [], openIncidents: 0, confirmedIncidents: [] },
  ...{ confirmedAlerts: [], openSevereAlerts: 0 },
};
const UNKNOWN: TrustFacts = { ...PERFECT, knownSince: null, windows: 0, score: null };
const trust = (as: Partial<TrustFacts>) => trustScore({ ...PERFECT, ...as }, NOW).score;
const part = (as: Partial<TrustFacts>, input: string) =>
  trustScore({ ...PERFECT, ...as }, NOW).contributions.find((it) => it.input === input);

describe("trust", () => {
  it("is full for an agent known three weeks that nothing speaks against", () => expect(trust({})).toBe(1));
  it("says by which version of the formula", () =>
    expect(trustScore(PERFECT, NOW).version).toBe(TRUST_VERSION));
  it("is at most 0.2 for one that nobody knows yet", () => expect(trustScore(UNKNOWN, NOW).score).toBe(0.2));
  it("is above the edge of 0.8 for a healthy one for which nobody has vouched", () =>
    expect(trust({ attested: [] })).toBe(0.95));
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
  it("falls with an open incident, further once it was notifiable, and recovers over 90 days", () => {
    expect(trust({ openIncidents: 1 })).toBe(0.9);
    expect(trust({ confirmedIncidents: [NOW] })).toBe(0.7);
    expect(trust({ openIncidents: 1, confirmedIncidents: [NOW] })).toBe(0.6);
    expect(trust({ confirmedIncidents: [daysAgo(45)] })).toBe(0.85);
    expect(trust({ confirmedIncidents: [daysAgo(90)] })).toBe(1);
  });
  it("falls with each renewal that is late or failed, of five credentials at most", () => {
    expect([1, 2, 5, 50].map((lateRenewals) => trust({ lateRenewals }))).toEqual([0.95, 0.9, 0.75, 0.75]);
  });
  it("counts an authority once, however much it attests, and nothing that has ended", () => {
    expect(part({ attested: attestedBy("compliance", "compliance") }, "attestations")?.value).toBe(0.0167);
    expect(part({ attested: [{ authority: "compliance", expiresAt: NOW }] }, "attestations")?.value).toBe(0);
  });
  it("is lowered by a behaviour score above 0.5, and exactly 0.5 lowers nothing", () => {
    expect(trust({ score: 0.5 })).toBe(1);
    expect(trust({ score: 0.95 })).toBe(0.62);
  });
  it("lands on exactly 0.8 where the sum is 0.8, not beside it", () => {
    expect(trust({ hasOwner: false, attested: [], openSevereAlerts: 1 })).toBe(0.8);
    expect(trust({ openSevereAlerts: 2 })).toBe(0.8);
  });
  it("tells when each contribution that fades will have faded, and of nothing else", () => {
    expect(part({ containments: [daysAgo(80), daysAgo(10)] }, "containments")?.endsAt).toBe(
      daysAgo(-80).toISOString(),
    );
    expect(part({ confirmedAlerts: [NOW] }, "confirmed alerts")?.endsAt).toBe(daysAgo(-30).toISOString());
    expect(part({}, "attestations")?.endsAt).toBe(daysAgo(-30).toISOString());
    for (const input of ["history", "behaviour", "credentials", "owner"])
      expect(part({}, input)).not.toHaveProperty("endsAt");
  });
});

const dates = (max: number) => fc.array(fc.integer({ min: 0, max }).map(daysAgo), { maxLength: 5 });
const anyFacts = fc.record<TrustFacts>({
  knownSince: fc.option(fc.integer({ min: -3, max: 60 }).map(daysAgo)),
  windows: fc.nat(10_000),
  strangeWindows: fc.nat(20_000),
  score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  liveCredentials: fc.nat(9),
  lateRenewals: fc.nat(9),
  hasOwner: fc.boolean(),
  attested: fc.array(
    fc.record({
      authority: fc.constantFrom(...AUTHORITIES, "another"),
      expiresAt: fc.integer({ min: -60, max: 60 }).map(daysAgo),
    }),
    { maxLength: 6 },
  ),
  containments: dates(120),
  openIncidents: fc.nat(20),
  confirmedIncidents: dates(120),
  confirmedAlerts: dates(60),
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
        const earned = contributions.filter((it) => it.value > 0).reduce((total, it) => total + it.value, 0);
        expect(earned).toBeLessThanOrEqual(1.0001);
      }),
    );
  });

  it("nothing that went wrong ever raises it", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { score } = trustScore(facts, NOW);
        const worse: Partial<TrustFacts>[] = [
          { containments: [...facts.containments, NOW] },
          { confirmedIncidents: [...facts.confirmedIncidents, NOW] },
          { confirmedAlerts: [...facts.confirmedAlerts, NOW] },
          { openIncidents: facts.openIncidents + 1 },
          { openSevereAlerts: facts.openSevereAlerts + 1 },
          { lateRenewals: facts.lateRenewals + 1 },
          { strangeWindows: facts.strangeWindows + 10 },
          { score: Math.max(facts.score ?? 0, 0.99) },
          { hasOwner: false },
          { attested: facts.attested.slice(1) },
          { liveCredentials: 0 },
          { knownSince: null },
        ];
        for (const change of worse)
          expect(trustScore({ ...facts, ...change }, NOW).score).toBeLessThanOrEqual(score);
      }),
    );
  });

  it("nothing that went well ever lowers it", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { score } = trustScore(facts, NOW);
        const better: Partial<TrustFacts>[] = [
          { knownSince: daysAgo(60) },
          { strangeWindows: 0 },
          { score: null },
          { liveCredentials: facts.liveCredentials + 1 },
          { hasOwner: true },
          { attested: [...facts.attested, ...attestedBy("compliance")] },
        ];
        for (const change of better)
          expect(trustScore({ ...facts, ...change }, NOW).score).toBeGreaterThanOrEqual(score);
      }),
    );
  });

  it("with time alone what went wrong fades and what was attested ends", () => {
    fc.assert(
      fc.property(anyFacts, fc.integer({ min: 0, max: 100 }), (facts, days) => {
        const later = daysAgo(-days);
        const value = (at: Date, input: string) =>
          trustScore(facts, at).contributions.find((it) => it.input === input)?.value ?? 0;
        for (const input of ["containments", "notifiable incidents", "confirmed alerts"]) {
          expect(value(later, input)).toBeGreaterThanOrEqual(value(NOW, input));
          expect(Math.abs(value(daysAgo(-200), input))).toBe(0);
        }
        expect(value(later, "attestations")).toBeLessThanOrEqual(value(NOW, "attestations"));
      }),
    );
  });
});

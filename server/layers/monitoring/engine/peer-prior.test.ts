import { describe, expect, it } from "vitest";
import { usualWeeks } from "../testing/usual-weeks.ts";
import { LEARNING_WINDOWS } from "./baseline.ts";
import { featuresOfImport } from "./features.ts";
import { learningScore, poolWithPeers } from "./peer-prior.ts";
import { STATIC_SCORE_MAX } from "./static-score.ts";

const FROM = Date.parse("2026-11-02T00:00:00Z");
const weeks = (seed: number, factor = 1) =>
  usualWeeks({ weeks: 3, fromMs: FROM, timeZone: "UTC", seed }).map(({ atMs, features }) => ({
    atMs,
    features: { ...features, dataMegabytes: features.dataMegabytes * factor },
  }));
const PEERS = [weeks(1), weeks(2), weeks(3)];
const TUESDAY = Date.parse("2026-11-24T10:30:00Z");
const minute = (calls: number, megabytes: number) =>
  featuresOfImport({
    ...{ calls, megabytes, endpoints: 5, refused: 0, networks: { "10.1.2.0/24": calls } },
    transitions: { "transactions.read>score.compute": calls - 1 },
  });
const label = "learning: 10 of 2000 active minutes, 1 of 7 days";

describe("peers", () => {
  it("two are no kind, and one that never did anything is none", () => {
    expect(poolWithPeers([], PEERS.slice(0, 2), "UTC")).toBeNull();
    expect(poolWithPeers([], [...PEERS.slice(0, 2), []], "UTC")).toBeNull();
    const idle = weeks(9).map((w) => ({ ...w, features: { ...w.features, apiCallsPerMinute: 0 } }));
    expect(poolWithPeers([], [...PEERS.slice(0, 2), idle], "UTC")).toBeNull();
  });

  it("give way as the agent's own minutes come in, and are gone at as many as a baseline needs", () => {
    const own = weeks(7);
    const counts = [0, 500, 1_000, 1_900, LEARNING_WINDOWS].map((n) => {
      const pooled = poolWithPeers(own.slice(0, n), PEERS, "UTC");
      expect(pooled?.ownWindows).toBe(n);
      return pooled?.peerWindows ?? 0;
    });
    expect(counts[0]).toBe(6_000);
    expect([...counts].sort((a, b) => b - a)).toEqual(counts);
    expect(counts.at(-1)).toBe(0);
  });

  it("each gives as much as every other, and the same whatever the order", () => {
    const busy = [...weeks(1), ...weeks(4), ...weeks(5)];
    const pooled = poolWithPeers([], [busy, weeks(2).slice(0, 300), weeks(3)], "UTC");
    expect(pooled?.peerWindows).toBe(900);
    expect(poolWithPeers([], [...PEERS].reverse(), "UTC")?.baseline.volume).toEqual(
      poolWithPeers([], PEERS, "UTC")?.baseline.volume,
    );
  });

  it("one that is a hundred times as busy does not make it usual", () => {
    const pooled = poolWithPeers([], [...PEERS, weeks(6), weeks(8, 100)], "UTC");
    const prior = pooled && { id: "p", baseline: pooled.baseline, peers: 5 };
    expect(learningScore(minute(100, 1_600), TUESDAY, { label, peers: prior }).score).toBeGreaterThan(0.7);
  });
});

describe("a learning agent", () => {
  const pooled = poolWithPeers([], PEERS, "UTC");
  const peers = pooled && { id: "p", baseline: pooled.baseline, peers: 3 };

  it("is scored by what is usual for its peers, with how far it has come and how many they are", () => {
    expect(learningScore(minute(100, 17), TUESDAY, { label, peers }).score).toBeLessThan(0.5);
    const odd = learningScore(minute(850, 900), TUESDAY, { label, peers });
    expect(odd.score).toBeGreaterThan(0.7);
    expect(odd.contributions[0]?.words).toContain(`(peers: 3 agents; ${label})`);
  });

  it("never scores above what cannot contain it, whatever it does", () => {
    for (const calls of [1_000, 100_000])
      for (const megabytes of [1, 1e6])
        expect(learningScore(minute(calls, megabytes), TUESDAY, { label, peers }).score).toBeLessThanOrEqual(
          STATIC_SCORE_MAX,
        );
  });

  it("is scored by the fixed limits alone where it has no peers, and by the higher where it has", () => {
    const alone = learningScore(minute(1_500, 17), TUESDAY, { label, peers: null });
    expect(alone.score).toBe(0.75);
    expect(learningScore(minute(1_500, 17), TUESDAY, { label, peers }).score).toBeGreaterThanOrEqual(0.75);
  });
});

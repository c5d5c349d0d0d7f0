import { describe, expect, it } from "vitest";
import type { LiveAgent } from "../flows/admit-action/world.ts";
import { createDenials, networkOf } from "./denials.ts";

const NOW = new Date("2026-11-23T10:00:00Z");
const later = (ms: number) => new Date(NOW.getTime() + ms);
const agent = { id: "a", did: "did:web:x:agents:a" } as LiveAgent;
const denial = { agent, code: "signature_invalid", sourceIp: "192.0.2.77", signed: false };

describe("refusals cannot flood the log", () => {
  it("gives an agent five records of its own in ten seconds, and counts every other refusal", () => {
    const denials = createDenials();
    const recorded = Array.from({ length: 1_000 }, () => denials.mayRecord(denial, NOW)).filter(Boolean);
    expect(recorded).toHaveLength(5);
    expect(denials.take()).toEqual([
      {
        code: "signature_invalid",
        source: "192.0.2.0/24",
        agent: agent.did,
        count: 995,
        firstAt: NOW.toISOString(),
        lastAt: NOW.toISOString(),
      },
    ]);
  });

  it("gives a new budget after the span, and one for each agent", () => {
    const denials = createDenials();
    for (let i = 0; i < 10; i++) denials.mayRecord(denial, NOW);
    expect(denials.mayRecord(denial, later(9_999))).toBe(false);
    expect(denials.mayRecord(denial, later(10_000))).toBe(true);
    expect(denials.mayRecord({ ...denial, agent: { ...agent, id: "b" } }, NOW)).toBe(true);
  });

  it("never gives a record to a caller who proved nothing", () => {
    const denials = createDenials();
    expect(denials.mayRecord({ ...denial, agent: null }, NOW)).toBe(false);
    expect(denials.take()[0]?.count).toBe(1);
  });

  it("holds a bounded number of counters, and still counts everything", () => {
    const denials = createDenials();
    for (let i = 0; i < 5_000; i++) denials.count({ agent: null, code: `c${i}`, sourceIp: "192.0.2.1" }, NOW);
    const taken = denials.take();
    expect(taken.length).toBeLessThanOrEqual(1_001);
    expect(taken.reduce((sum, it) => sum + it.count, 0)).toBe(5_000);
  });

  it("loses no count when the record could not be written", () => {
    const denials = createDenials();
    for (let i = 0; i < 3; i++) denials.count(denial, NOW);
    const taken = denials.take();
    denials.count(denial, later(1_000));
    denials.putBack(taken);
    expect(denials.take()).toMatchObject([
      { count: 4, firstAt: NOW.toISOString(), lastAt: later(1_000).toISOString() },
    ]);
    expect(denials.take()).toEqual([]);
  });
});

it.each([
  ["192.0.2.77", "192.0.2.0/24"],
  ["::ffff:192.0.2.77", "192.0.2.0/24"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
  ["2001:db8::1", "2001:db8:0::/48"],
  ["::1", "0:0:0::/48"],
  ["fe80::1%eth0", "fe80:0:0::/48"],
  ["nonsense", "unknown"],
])("the network of %s is %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

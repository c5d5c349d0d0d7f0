import { describe, expect, test } from "vitest";
import { agentsOf, expectedCalls } from "./agents.ts";
import { DAY_MS, localTime } from "./calendar.ts";
import { ATTACK_KINDS, type CallEvent, TWIN_OF } from "./event.ts";
import { callsOf } from "./generate.ts";
import { planScenario, type Scenario } from "./plan.ts";
import { type LabelledWindow, windowsOf } from "./windows.ts";

const SEED = 11;
const short = { seed: SEED, agents: 14, learningDays: 9, testDays: 6, attackShareMax: 0.01 };
const scenario = planScenario(short);
const of = <T>(agents: readonly T[], index: number): T => agents[index] as T;
const calls = (index: number, from: Scenario = scenario) => [...callsOf(from, of(from.agents, index))];
const windowsByAgent = scenario.agents.map((agent) => [...windowsOf(scenario, agent)]);
const all = windowsByAgent.flat();
/** Five weeks with a change of the clock, a month end and a holiday in them. */
const HEADLINE_SEED = 7;
const headlinePlan = planScenario({ seed: HEADLINE_SEED, agents: 7 });
const headline = headlinePlan.agents.flatMap((agent) => [...windowsOf(headlinePlan, agent)]);

describe("a scenario", () => {
  test("is the same for the same seed, and another for another", () => {
    const again = planScenario(short);
    expect(again).toEqual(scenario);
    expect(calls(3, again)).toEqual(calls(3));
    expect(planScenario({ ...short, seed: SEED + 1 }).episodes).not.toEqual(scenario.episodes);
  });

  test("has every attack with its twin in the test", () => {
    const whole = planScenario({ seed: 5, agents: 35 });
    const kinds = new Set(
      whole.episodes.filter((it) => it.attack && it.fromMs >= whole.testMs).map(({ kind }) => kind),
    );
    expect([...kinds].sort()).toEqual([...ATTACK_KINDS].sort());
    for (const twin of Object.values(TWIN_OF))
      expect(whole.episodes.some((it) => it.kind === twin && !it.attack && it.fromMs >= whole.testMs)).toBe(
        true,
      );
  });

  test("attacks at most a thousandth of the test's minutes, and not far fewer than that", () => {
    const test = headline.filter(({ split }) => split === "test");
    const share = test.filter(({ attack }) => attack).length / test.length;
    expect(share).toBeLessThanOrEqual(0.001);
    expect(share).toBeGreaterThan(0.0004);
  });

  test("has an attack inside the learning phase of every fourth agent", () => {
    const poisoned = scenario.episodes.filter((it) => it.attack && it.toMs <= scenario.testMs);
    expect(poisoned.length).toBeGreaterThanOrEqual(2);
    expect(poisoned.length).toBeLessThanOrEqual(4);
    expect(new Set(poisoned.map(({ agent }) => agent)).size).toBe(poisoned.length);
    expect(all.some(({ split, attack }) => split === "learning" && attack)).toBe(true);
  });

  test("has at least five kinds of benign change beside the twins", () => {
    const planned = [3, 40, 77].flatMap((seed) =>
      planScenario({ seed, agents: 14 }).episodes.map(({ kind }) => kind),
    );
    for (const kind of [
      "outage",
      "delayed-delivery",
      "deploy",
      "retry-storm",
      "failover",
      "overtime",
    ] as const)
      expect(planned).toContain(kind);
    const named = new Set(headline.map(({ benign }) => benign));
    for (const kind of ["month-end", "holiday", "clock-change"]) expect(named).toContain(kind);
  });
});

describe("its calls", () => {
  const delivered = calls(1);

  test("come in the order of their arrival, some out of their own order, some twice, some late", () => {
    expect(
      delivered.every((call, i) => i === 0 || call.receivedMs >= (delivered[i - 1]?.receivedMs ?? 0)),
    ).toBe(true);
    const backwards = delivered.filter((call, i) => i > 0 && call.atMs < (delivered[i - 1]?.atMs ?? 0));
    expect(backwards.length).toBeGreaterThan(100);
    const twice = delivered.length - new Set(delivered.map(({ id }) => id)).size;
    expect(twice / delivered.length).toBeGreaterThan(0.001);
    expect(twice / delivered.length).toBeLessThan(0.006);
    expect(delivered.some(({ atMs, receivedMs }) => receivedMs - atMs > 600_000)).toBe(true);
  });

  test("follow the agent's day and week", () => {
    const agent = of(scenario.agents, 1);
    const drift = (atMs: number) => Math.exp((agent.driftPerDay * (atMs - scenario.startMs)) / DAY_MS);
    const own = distinct(delivered).filter(({ attack }) => !attack);
    const byHour = new Map<number, number>();
    for (const { atMs } of own) {
      const hour = Math.floor(localTime(atMs).minute / 60);
      byHour.set(hour, (byHour.get(hour) ?? 0) + 1);
    }
    for (let hour = 0; hour < 24; hour++) {
      let expected = 0;
      for (let atMs = scenario.startMs; atMs < scenario.endMs; atMs += 60_000)
        if (Math.floor(localTime(atMs).minute / 60) === hour)
          expected += expectedCalls(agent, atMs) * drift(atMs);
      expect((byHour.get(hour) ?? 0) / expected, `hour ${hour}`).toBeGreaterThan(0.75);
      expect((byHour.get(hour) ?? 0) / expected, `hour ${hour}`).toBeLessThan(1.4);
    }
  });

  test("say who, what, where from, by which certificate and token, and after which call", () => {
    const ids = new Set(delivered.map(({ id }) => id));
    const linked = delivered.filter(({ parent }) => parent !== null);
    expect(linked.length / delivered.length).toBeGreaterThan(0.7);
    expect(linked.filter(({ parent }) => ids.has(parent ?? "")).length).toBe(linked.length);
    expect(new Set(delivered.map(({ tokenId }) => tokenId)).size).toBeGreaterThan(500);
    expect(
      delivered.every(({ asn, country, thumbprint }) => asn > 0 && country !== "" && thumbprint !== ""),
    ).toBe(true);
  });

  test("of a silent agent are none outside its hours", () => {
    const market = agentsOf(SEED, 7).findIndex(({ kind }) => kind.name === "market-watch");
    const odd = calls(market).filter(({ atMs }) => localTime(atMs).weekday >= 5);
    const planned = scenario.episodes.filter(({ agent }) => agent === market);
    for (const { atMs } of odd) expect(planned.some((it) => it.fromMs <= atMs)).toBe(true);
  });
});

describe("its minutes", () => {
  test("are labelled where an attack's calls are, inside the span it was planned for, and nowhere else", () => {
    for (const [index, windows] of windowsByAgent.entries()) {
      const planned = new Map(scenario.episodes.map((it) => [it.id, it]));
      const attacked = windows.filter(({ attack }) => attack !== null);
      for (const { atMs, attack } of attacked) {
        const episode = planned.get(attack ?? "");
        expect(episode?.agent).toBe(index);
        expect(episode?.attack).toBe(true);
        expect(atMs).toBeGreaterThan(episode?.fromMs ?? Number.POSITIVE_INFINITY);
        expect(atMs).toBeLessThanOrEqual((episode?.toMs ?? 0) + 60_000);
      }
      const marked = new Set(calls(index).flatMap(({ attack }) => (attack ? [attack] : [])));
      expect(new Set(attacked.map(({ attack }) => attack))).toEqual(marked);
    }
  });

  test("count every call once that was believed, and the others as late", () => {
    const counted = (windows: readonly LabelledWindow[]) =>
      windows.reduce((sum, { features }) => sum + features.apiCallsPerMinute + features.late, 0);
    for (const index of [0, 1, 2]) {
      const made = distinct(calls(index));
      const inside = made.filter(({ atMs }) => atMs < scenario.endMs).length;
      // What arrives after the end of the scenario may fall into minutes after it.
      expect(Math.abs(counted(windowsByAgent[index] ?? []) - inside)).toBeLessThanOrEqual(5);
    }
    expect(all.some(({ features }) => features.late > 0)).toBe(true);
  });

  test("come in order, each once", () => {
    for (const windows of windowsByAgent)
      expect(windows.every(({ atMs }, i) => i === 0 || atMs > (windows[i - 1]?.atMs ?? atMs))).toBe(true);
  });
});

function distinct(calls: readonly CallEvent[]): CallEvent[] {
  return [...new Map(calls.map((call) => [call.id, call])).values()];
}

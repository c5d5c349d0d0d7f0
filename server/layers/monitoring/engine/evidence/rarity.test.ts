import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seeded } from "../../testing/usual-weeks.ts";
import { hourly, learnRarity, poolRarity, scoreOf, strengthsOf } from "./rarity.ts";

/** Hours of an entity whose strengths have an exponential tail; some hours of an attack on top. */
function hoursOf(seed: number, days: number, attackHours = 0) {
  const random = seeded(seed);
  const rows = Array.from({ length: days * 24 }, (_, hour) => ({
    atMs: hour * 3_600_000,
    strength: -Math.log(1 - random()) + (hour < attackHours ? 30 : 0),
    entity: 0,
  }));
  return hourly(rows);
}
const peerOf = (hours: ReturnType<typeof hoursOf>) => ({ hours, rarity: learnRarity(hours) });
/** Days for which the score of each declared rate is passed on fresh hours. */
function ratesOn(rarity: ReturnType<typeof learnRarity>, seed: number, days: number): number[] {
  const { highest } = hoursOf(seed, days);
  return strengthsOf(rarity).map((least) => highest.filter((strength) => strength > least).length / days);
}

describe("rarity", () => {
  test("the declared rates hold on fresh hours of a known tail, pooled over peers", () => {
    const peers = Array.from({ length: 20 }, (_, seed) => peerOf(hoursOf(seed + 1, 21)));
    const rates = peers.map(({ rarity }, at) => ratesOn(poolRarity(rarity, peers), 1_000 + at, 200));
    const mean = (at: number) => rates.reduce((sum, rate) => sum + (rate[at] ?? 0), 0) / rates.length;
    expect(mean(0)).toBeGreaterThan(0.4);
    expect(mean(0)).toBeLessThan(1.6);
    expect(mean(1)).toBeGreaterThan(0.02);
    expect(mean(1)).toBeLessThan(0.2);
    expect(mean(2)).toBeLessThan(0.04);
  });

  test("an attack among the hours of a quarter of the peers raises no threshold by half", () => {
    const peers = (attacked: number) =>
      Array.from({ length: 20 }, (_, seed) => peerOf(hoursOf(seed + 1, 21, seed < attacked ? 4 : 0)));
    const [clean, dirty] = [peers(0), peers(5)];
    const reach = (all: typeof clean) =>
      strengthsOf(poolRarity(all[10]?.rarity ?? learnRarity(hoursOf(1, 21)), all));
    reach(dirty).forEach((strength, at) => {
      expect(strength / (reach(clean)[at] ?? 1)).toBeLessThan(1.5);
    });
  });

  test("an attack among the hours of one entity alone leaves 0.9 within reach", () => {
    const peer = peerOf(hoursOf(3, 21, 4));
    expect(strengthsOf(poolRarity(peer.rarity, [peer]))[2]).toBeLessThan(20);
  });

  test("no hours at all, one hour and hours all alike give rising thresholds and finite scores", () => {
    for (const strengths of [[], [0], [5], Array.from({ length: 500 }, () => 2)]) {
      const hours = { highest: Float64Array.from(strengths), days: Math.max(1 / 24, strengths.length / 24) };
      const rarity = poolRarity(learnRarity(hours), [peerOf(hours)]);
      const [a, b, c] = strengthsOf(rarity);
      expect(a).toBeGreaterThan(0);
      expect(b).toBeGreaterThan(a);
      expect(c).toBeGreaterThan(b);
      expect(scoreOf(1e9, rarity)).toBeLessThan(1);
    }
  });

  test("a greater strength never scores lower, and beyond 0.9 always higher", () => {
    const { rarity } = peerOf(hoursOf(1, 21));
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e4, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
        (low, more) => {
          const [before, after] = [scoreOf(low, rarity), scoreOf(low + more, rarity)];
          expect(after).toBeGreaterThanOrEqual(before);
          if (before > 0.9) expect(after).toBeGreaterThan(before);
        },
      ),
    );
  });

  test("a standing alarm counts once an hour, and hours of several entities apart", () => {
    const row = (minute: number, strength: number, entity = 0) => ({
      atMs: minute * 60_000,
      strength,
      entity,
    });
    const { highest } = hourly([row(0, 1), row(10, 5), row(59, 2), row(60, 3), row(0, 4, 1)]);
    expect([...highest]).toEqual([3, 4, 5]);
  });
});

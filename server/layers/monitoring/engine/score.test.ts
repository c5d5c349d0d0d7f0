import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WindowFeatures } from "../schema.ts";
import { seeded, usualMinute, usualWeeks } from "../testing/usual-weeks.ts";
import { type Baseline, learnBaseline } from "./baseline.ts";
import { featuresOf, featuresOfImport } from "./features.ts";
import { score } from "./score.ts";
import { emptySlice, foldAction, mergeSlices, SLICE_MS, type Slice } from "./slice.ts";

const ZONE = "America/New_York";
const START = Date.parse("2026-11-02T05:00:00Z");
const windows = usualWeeks({ weeks: 3, fromMs: START, timeZone: ZONE });
const baseline = learnBaseline(windows, ZONE);
/** Tuesday 2026-11-24, 10:30 and 03:00 in New York. */
const BUSINESS = Date.parse("2026-11-24T15:30:00Z");
const NIGHT = Date.parse("2026-11-24T08:05:00Z");

/** The seed's attack: 850 calls and 1 GB a minute, in random order, at 03:00. */
function seedAttack(): WindowFeatures {
  const random = seeded(3);
  const names = ["transactions.read", "score.compute", "alerts.create"];
  const transitions: Record<string, number> = {};
  for (let i = 0; i < 849; i++) {
    const pair = `${names[Math.floor(3 * random())]}>${names[Math.floor(3 * random())]}`;
    transitions[pair] = (transitions[pair] ?? 0) + 1;
  }
  const networks = { "10.1.2.0/24": 850 };
  return featuresOfImport({ calls: 850, megabytes: 1_000, endpoints: 6, refused: 0, networks, transitions });
}

describe("score", () => {
  test("the seed's replay scores above 0.9 with its four flags named", () => {
    const { score: value, contributions } = score(seedAttack(), NIGHT, baseline);
    expect(value).toBeGreaterThan(0.9);
    const flags = Object.fromEntries(contributions.map((c) => [c.feature, c.flag]));
    expect(flags).toMatchObject({
      apiCallsPerMinute: "alert",
      dataMegabytes: "alert",
      patternSurprise: "alert",
      timeOfDayDeviation: "warning",
    });
    expect(flags.geographicAnomaly).toBeNull();
    const data = contributions.find((c) => c.feature === "dataMegabytes");
    expect(data?.words).toMatch(/^data volume \d+\.\d deviations above Tuesday 03:00/);
    expect(contributions.reduce((sum, c) => sum + c.share, 0)).toBeCloseTo(1, 2);
  });

  test("fresh usual minutes stay under 0.5, at far less than one alarm a day", () => {
    const fresh = usualWeeks({ weeks: 1, fromMs: START + 21 * 86_400_000, timeZone: ZONE, seed: 77 });
    const alarmHours = new Set(
      fresh
        .filter((w) => score(w.features, w.atMs, baseline).score > 0.5)
        .map((w) => Math.floor(w.atMs / 3_600_000)),
    );
    expect(alarmHours.size / 7).toBeLessThanOrEqual(2);
    expect(fresh.some((w) => score(w.features, w.atMs, baseline).score > 0.9)).toBe(false);
    expect(score(usualMinute(seeded(5)), BUSINESS, baseline).score).toBeLessThan(0.5);
  });

  test("each of the seed's four signs is named when it comes alone", () => {
    const usual = usualMinute(seeded(9));
    const top = (window: WindowFeatures, at = BUSINESS) => score(window, at, baseline).contributions[0];
    expect(top({ ...usual, dataMegabytes: 400 })?.feature).toBe("dataMegabytes");
    expect(top({ ...usual, networks: { "203.0.113.0/24": 100 } })).toMatchObject({
      feature: "geographicAnomaly",
      words: expect.stringContaining("203.0.113.0/24"),
    });
    expect(top({ ...usual, transitions: { "customers.export>mail.send": 40 } })?.feature).toBe(
      "patternSurprise",
    );
    expect(top(usual, NIGHT)?.feature).toBe("timeOfDayDeviation");
  });

  test("03:00 is the bank's 03:00: the same instant is business hours in another zone", () => {
    const tokyo = learnBaseline(
      usualWeeks({ weeks: 3, fromMs: START, timeZone: "Asia/Tokyo" }),
      "Asia/Tokyo",
    );
    const at = Date.parse("2026-11-24T01:00:00Z"); // Tuesday 10:00 in Tokyo, Monday 20:00 in New York
    expect(flagOf(score(usualMinute(seeded(5)), at, tokyo), "timeOfDayDeviation")).toBeNull();
    expect(flagOf(score(usualMinute(seeded(5)), at, baseline), "timeOfDayDeviation")).toBe("warning");
  });

  test("an idle minute scores 0", () => {
    const idle = featuresOfImport({ calls: 0, megabytes: 0, endpoints: 0, refused: 0 });
    expect(score(idle, NIGHT, baseline)).toEqual({ score: 0, contributions: [] });
  });

  test("the score is in range and finite for any window and hour", () => {
    fc.assert(
      fc.property(anyWindow(), fc.integer({ min: 0, max: 10_080 }), (window, minute) => {
        const result = score(window, BUSINESS + minute * 60_000, baseline);
        expect(result.score).toBeGreaterThanOrEqual(0);
        expect(result.score).toBeLessThanOrEqual(1);
        for (const c of result.contributions)
          for (const number of [c.value, c.deviations, c.share, c.expected.low, c.expected.high])
            expect(Number.isFinite(number)).toBe(true);
      }),
    );
  });

  test("the same mix at a higher rate never scores lower", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 2, max: 40 }), (calls, times) => {
        const window = (factor: number) =>
          featuresOfImport({
            calls: calls * factor,
            megabytes: calls * factor * 0.17,
            endpoints: 5,
            refused: 0,
          });
        const [low, high] = [score(window(1), BUSINESS, baseline), score(window(times), BUSINESS, baseline)];
        expect(high.score).toBeGreaterThanOrEqual(low.score);
      }),
    );
  });

  test("no order of merging slices changes the features or the score", () => {
    fc.assert(
      fc.property(
        fc.array(anySlice(), { minLength: 2, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (slices, dice) => {
          const shuffled = [...slices].sort(() => ((dice.next().value ?? 0) % 2 === 0 ? -1 : 1));
          const nested = shuffled.reduceRight((sum, slice) => mergeSlices(slice, sum), emptySlice());
          expect(featuresOf([nested])).toEqual(featuresOf(slices));
          expect(score(featuresOf([nested]), NIGHT, baseline)).toEqual(
            score(featuresOf(slices), NIGHT, baseline),
          );
        },
      ),
    );
  });

  test("a stored baseline scores as the learnt one, and is at most 20 KB", () => {
    const text = JSON.stringify(baseline);
    const stored = JSON.parse(text) as Baseline;
    expect(score(seedAttack(), NIGHT, stored)).toEqual(score(seedAttack(), NIGHT, baseline));
    expect(text.length).toBeLessThan(20_480);
  });
});

function flagOf({ contributions }: ReturnType<typeof score>, feature: string) {
  return contributions.find((c) => c.feature === feature)?.flag;
}

function anyWindow() {
  const name = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom("constructor", "a>b", ">", "__proto__x"),
  );
  const counts = fc.dictionary(name, fc.integer({ min: 1, max: 1_000_000 }), { maxKeys: 20 });
  return fc
    .record({
      calls: fc.nat({ max: 2_000_000_000 }),
      megabytes: fc.double({ min: 0, max: 1e12, noNaN: true }),
      endpoints: fc.nat({ max: 1_000_000 }),
      refused: fc.nat({ max: 2_000_000_000 }),
      networks: counts,
      transitions: counts,
    })
    .map(featuresOfImport);
}

function anySlice(): fc.Arbitrary<Slice> {
  const action = fc.record({
    action: fc.constantFrom("read", "score", "alert", "export"),
    atMs: fc.integer({ min: NIGHT, max: NIGHT + SLICE_MS }),
    endpoint: fc.integer({ min: 0, max: 300 }).map((n) => `/v1/${n}`),
    bytes: fc.nat({ max: 1_000_000 }),
    sourceIp: fc.constantFrom("10.1.2.3", "10.1.2.9", "203.0.113.5", "2001:db8::1"),
    refused: fc.boolean(),
  });
  return fc.array(action, { maxLength: 40 }).map((actions) => actions.reduce(foldAction, emptySlice()));
}

describe("what one feature can say alone", () => {
  const usual = usualMinute(seeded(9));
  const at = (window: WindowFeatures) => score(window, BUSINESS, baseline);

  test("refused calls did nothing: however many, alone they limit and do not contain", () => {
    const refused = at({ ...usual, refusedRatio: 1 });
    expect(refused.contributions[0]?.feature).toBe("refusedRatio");
    expect(refused.score).toBeGreaterThan(0.5);
    expect(refused.score).toBeLessThanOrEqual(0.9);
  });

  test("an order of actions never seen, of harmless actions, does not contain alone; with much data it does", () => {
    const strange = { ...usual, transitions: { "customers.export>mail.send": 100 } };
    expect(at(strange).score).toBeGreaterThan(0.5);
    expect(at(strange).score).toBeLessThanOrEqual(0.9);
    expect(at({ ...strange, dataMegabytes: 4_000, bytesPerCall: 4e7 }).score).toBeGreaterThan(0.9);
  });

  test("the volume and the data of each call are the same bytes, and count once", () => {
    const { contributions } = at({ ...usual, dataMegabytes: 4_000, bytesPerCall: 4e7 });
    const shareOf = (feature: string) => contributions.find((one) => one.feature === feature)?.share;
    expect(Math.min(shareOf("dataMegabytes") ?? 1, shareOf("bytesPerCall") ?? 1)).toBe(0);
    expect(contributions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 2);
  });
});

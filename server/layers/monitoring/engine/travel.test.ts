import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Place } from "../place-schema.ts";
import { placesOf } from "./place-of.ts";
import { addSightings, type Seen, type Whereabouts } from "./sightings.ts";
import {
  APART_KM_MIN,
  CLAIM_SCORE,
  distanceKm,
  findFalseClaim,
  findTravel,
  isImpossible,
  SKEW_MS,
  SPEED_KMH_MAX,
  TRAVEL_SCORE,
  withTravel,
} from "./travel.ts";

const T = Date.parse("2026-11-25T10:00:00Z");
const MIN = 60_000;
const HOUR = 60 * MIN;
const at = (
  name: string,
  latitude: number,
  longitude: number,
  prefix: string,
  kind: Place["kind"] = "other",
): Place => ({
  ...{ id: name, name, country: "XX", latitude, longitude, prefix, kind },
});
const FRANKFURT = at("Frankfurt", 50.11, 8.68, "10.1.0.0/16");
const SINGAPORE = at("Singapore", 1.35, 103.82, "10.2.0.0/16");
const MAINZ = at("Mainz", 49.99, 8.27, "10.3.0.0/16");
const EAST = at("DC East", 40.71, -74.0, "10.4.0.0/16", "data-centre");
const WEST = at("DC West", 37.77, -122.42, "10.5.0.0/16", "data-centre");
const placeOf = placesOf([FRANKFURT, SINGAPORE, MAINZ, EAST, WEST]);
const F = "10.1.0.9";
const S = "10.2.0.9";
const seen = (address: string, fromMs: number, toMs = fromMs): Seen => ({ [address]: [fromMs, toMs] });
const travel = (history: Seen[], now: Seen) =>
  findTravel([now], addSightings({}, [...history, now]), placeOf);

describe("distance", () => {
  test("is that of the great circle", () => {
    expect(distanceKm(FRANKFURT, SINGAPORE)).toBeGreaterThan(10_200);
    expect(distanceKm(FRANKFURT, SINGAPORE)).toBeLessThan(10_350);
    expect(distanceKm(EAST, WEST)).toBeCloseTo(4_130, -2);
  });

  test("over the date line it is the short way, at a pole longitude is nothing, and half the earth is the most", () => {
    const point = (latitude: number, longitude: number) => ({ latitude, longitude });
    expect(distanceKm(point(-17, 179.5), point(-17, -179.5))).toBeLessThan(110);
    expect(distanceKm(point(90, 0), point(90, 137))).toBeCloseTo(0, 6);
    expect(distanceKm(point(-90, 5), point(90, 170))).toBeCloseTo(20_015, 0);
    expect(distanceKm(point(0, 0), point(0, 180))).toBeCloseTo(20_015, 0);
  });

  test("is the same both ways, 0 to oneself and never more than half the earth", () => {
    const point = fc.record({
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(point, point, point, (a, b, c) => {
        expect(distanceKm(a, b)).toBeCloseTo(distanceKm(b, a), 6);
        expect(distanceKm(a, a)).toBe(0);
        expect(distanceKm(a, b)).toBeLessThanOrEqual(20_016);
        expect(distanceKm(a, c)).toBeLessThanOrEqual(distanceKm(a, b) + distanceKm(b, c) + 1e-3);
      }),
    );
  });
});

describe("a journey that nothing makes", () => {
  test("Frankfurt and Singapore within 4 minutes", () => {
    const found = travel([seen(F, T)], seen(S, T + 4 * MIN));
    expect(found).toMatchObject({ from: { name: "Frankfurt" }, to: { name: "Singapore" }, apartMs: 4 * MIN });
    expect(
      withTravel({ score: 0, contributions: [] }, { journey: found, claim: null, learning: false }),
    ).toMatchObject({
      score: TRAVEL_SCORE,
      contributions: [
        {
          feature: "impossibleTravel",
          flag: "alert",
          words: expect.stringMatching(/^seen in Frankfurt and Singapore within 4 min \(102\d\d km apart\)$/),
        },
      ],
    });
  });

  test("to the millisecond of the speed limit, with the clocks' difference given to the agent", () => {
    const km = distanceKm(FRANKFURT, SINGAPORE);
    const needMs = (km / SPEED_KMH_MAX) * HOUR - SKEW_MS;
    const journey = (apartMs: number) => ({ from: FRANKFURT, to: SINGAPORE, km, apartMs });
    expect(isImpossible(journey(Math.floor(needMs)))).toBe(true);
    expect(isImpossible(journey(Math.ceil(needMs)))).toBe(false);
    expect(isImpossible(journey(-1_000))).toBe(true);
  });

  test("not to the next town, not to where nobody says it is, and not where it has been all along", () => {
    expect(travel([seen(F, T)], seen("10.3.0.1", T + 1))).toBeNull();
    expect(distanceKm(FRANKFURT, MAINZ)).toBeLessThan(APART_KM_MIN);
    expect(travel([seen(F, T)], seen("203.0.113.7", T + 1))).toBeNull();
    expect(travel([seen(F, T)], seen(F, T + 4 * MIN))).toBeNull();
    expect(travel([], seen(S, T))).toBeNull();
  });

  test("not between the bank's own data centres, and from one of them to elsewhere", () => {
    expect(travel([seen("10.4.0.1", T)], seen("10.5.0.1", T + 1_000))).toBeNull();
    expect(travel([seen("10.4.0.1", T)], seen(S, T + 1_000))).toMatchObject({ from: { name: "DC East" } });
  });

  test("is told where it ends and not for as long as the agent stays there", () => {
    const history = [seen(F, T), seen(S, T + 4 * MIN), seen(S, T + 9 * MIN)];
    expect(travel(history.slice(0, 1), history[1] as Seen)).not.toBeNull();
    expect(travel(history, seen(S, T + 12 * MIN))).toBeNull();
  });

  test("is told for as long as it is in both places at once", () => {
    const both = [seen(F, T, T + 9 * MIN), seen(S, T, T + 9 * MIN)];
    expect(travel(both, seen(S, T + 8 * MIN))).toMatchObject({ apartMs: 1 });
    expect(travel(both, seen(F, T + 8 * MIN))).toMatchObject({ to: { name: "Frankfurt" } });
  });

  test("scored again after late counts, it is the same journey", () => {
    const now = seen(S, T + 4 * MIN, T + 5 * MIN);
    const known = addSightings({}, [seen(F, T), now, seen(S, T + 6 * MIN)]);
    expect(findTravel([now], known, placeOf)).toEqual(travel([seen(F, T)], now));
  });

  test("in whatever order the sightings came", () => {
    const sighting = fc.record({
      address: fc.constantFrom(F, S, "10.3.0.1", "10.4.0.1", "10.5.0.1", "203.0.113.7"),
      minute: fc.integer({ min: 0, max: 600 }),
    });
    fc.assert(
      fc.property(fc.array(sighting, { minLength: 1, maxLength: 12 }), (sightings) => {
        const parts = sightings.map(({ address, minute }) => seen(address, T + minute * MIN));
        const last = parts[0] as Seen;
        const forth = findTravel([last], addSightings({}, parts), placeOf);
        const back = findTravel([last], addSightings({}, [...parts].reverse()), placeOf);
        const oneByOne = parts.reduceRight<Whereabouts>((known, part) => addSightings(known, [part]), {});
        expect(back).toEqual(forth);
        expect(findTravel([last], oneByOne, placeOf)).toEqual(forth);
      }),
    );
  });
});

describe("a claim of another place", () => {
  test("is a sign where the connection is far from what is claimed", () => {
    const claim = findFalseClaim([seen(S, T)], { "10.1.0.0/24": 3 }, placeOf);
    expect(claim).toMatchObject({ claimed: { name: "Frankfurt" }, seen: { name: "Singapore" } });
    const judged = withTravel({ score: 0, contributions: [] }, { journey: null, claim, learning: false });
    expect(judged).toMatchObject({ score: CLAIM_SCORE, contributions: [{ flag: "warning" }] });
    expect(judged.contributions[0]?.words).toBe("says that it is in Frankfurt and connects from Singapore");
  });

  test("is none near by, from nowhere, or of nothing known", () => {
    expect(findFalseClaim([seen(F, T)], { "10.3.0.0/24": 3 }, placeOf)).toBeNull();
    expect(findFalseClaim([seen("203.0.113.7", T)], { "10.1.0.0/24": 3 }, placeOf)).toBeNull();
    expect(findFalseClaim([seen(S, T)], { unknown: 1, "(more networks)": 2 }, placeOf)).toBeNull();
  });
});

describe("what it is worth", () => {
  const journey = travel([seen(F, T)], seen(S, T + 1));
  test("adds to other evidence, contains only together with it, and never an agent that is learning", () => {
    const score = (before: number, learning = false) =>
      withTravel({ score: before, contributions: [] }, { journey, claim: null, learning }).score;
    expect(score(0)).toBe(0.8);
    expect(score(0.4)).toBeCloseTo(0.88);
    expect(score(0.6)).toBeCloseTo(0.92);
    expect(score(0.6, true)).toBe(0.9);
    expect(score(1)).toBe(1);
  });

  test("nothing where there is no sign", () => {
    const judged = { score: 0.3, contributions: [] };
    expect(withTravel(judged, { journey: null, claim: null, learning: false })).toBe(judged);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addSightings, mergeSeen, noteSeen, type Seen, type Whereabouts } from "./sightings.ts";
import { emptySlice, foldAction, mergeSlices } from "./slice.ts";

const T = Date.parse("2026-11-25T10:00:00Z");
const MIN = 60_000;
const note = (pairs: [string, number][]) =>
  pairs.reduce<Seen>((seen, [address, at]) => {
    noteSeen(seen, address, at);
    return seen;
  }, {});
const pair = fc.tuple(
  fc.integer({ min: 1, max: 20 }).map((i) => `10.0.0.${i}`),
  fc.integer({ min: T, max: T + 9_999 }),
);

describe("what a slice says of connections", () => {
  test("does not depend on the order, nor on how many gateways counted", () => {
    fc.assert(
      fc.property(fc.array(pair), fc.array(pair), fc.array(pair), (a, b, c) => {
        const whole = note([...a, ...b, ...c]);
        expect(note([...c, ...b, ...a].reverse())).toEqual(whole);
        const parts = [note(a), note(b), note(c)];
        const [x, y, z] = parts;
        expect(mergeSeen(mergeSeen(x, y), z)).toEqual(whole);
        expect(mergeSeen(x, mergeSeen(z, y))).toEqual(whole);
        expect(Object.keys(whole).length).toBeLessThanOrEqual(8);
      }),
    );
  });

  test("no claimed address hides the real one, and one of another network is counted", () => {
    const seen = { address: "::ffff:198.51.100.7", atMs: T };
    const act = (more: object) => ({ action: "a", atMs: T, refused: false, seen, ...more });
    const slice = [
      act({ sourceIp: "10.1.2.3" }),
      act({ sourceIp: "198.51.100.9" }),
      act({}),
      act({ sourceIp: "10.1.2.3", late: true }),
    ].reduce(foldAction, emptySlice());
    expect(slice).toMatchObject({ calls: 3, late: 1, claimed: 1, seen: { "198.51.100.7": [T, T] } });
    expect(mergeSlices(slice, emptySlice())).toEqual(slice);
    expect(mergeSlices(slice, slice).claimed).toBe(2);
  });

  test("an action that is too late to be scored still shows where its connection came from", () => {
    const late = { action: "a", atMs: 0, refused: false, late: true, seen: { address: "10.0.0.1", atMs: T } };
    expect(foldAction(emptySlice(), late)).toMatchObject({ calls: 0, late: 1, seen: { "10.0.0.1": [T, T] } });
  });

  test("a slice of an older gateway has none", () => {
    const slice = foldAction(emptySlice(), { action: "a", atMs: T, refused: false, sourceIp: "10.1.2.3" });
    expect(slice.seen).toBeUndefined();
    expect(mergeSlices(slice, slice).seen).toBeUndefined();
  });
});

describe("what is known of an agent", () => {
  test("an address seen again within ten minutes was there meanwhile; later it is another stay", () => {
    const seen = (at: number): Seen => ({ a: [at, at] });
    expect(addSightings({}, [seen(T), seen(T + 10 * MIN)])).toEqual({ a: [[T, T + 10 * MIN]] });
    expect(addSightings({}, [seen(T), seen(T + 10 * MIN + 1)])).toEqual({
      a: [
        [T, T],
        [T + 10 * MIN + 1, T + 10 * MIN + 1],
      ],
    });
  });

  test("a day is kept, and a bounded number of addresses and stays, the newest", () => {
    const old: Whereabouts = { old: [[T - 25 * 60 * MIN, T - 24 * 60 * MIN]] };
    expect(addSightings(old, [{ a: [T, T] }])).toEqual({ a: [[T, T]] });
    const many = Array.from({ length: 40 }, (_, i) => ({ [`10.0.0.${i}`]: [T + i, T + i] }) as Seen);
    const kept = addSightings({}, many);
    expect(Object.keys(kept)).toHaveLength(16);
    expect(kept["10.0.0.39"]).toEqual([[T + 39, T + 39]]);
    const stays = Array.from({ length: 40 }, (_, i) => ({ a: [T + i * 11 * MIN, T + i * 11 * MIN] }) as Seen);
    expect(addSightings({}, stays).a).toHaveLength(16);
  });

  test("adding the same again changes nothing", () => {
    const seen: Seen = { a: [T, T + 5], b: [T + 3, T + 9] };
    const once = addSightings({}, [seen]);
    expect(addSightings(once, [seen, seen])).toEqual(once);
    expect(addSightings(once, [])).toEqual(once);
    expect(addSightings({}, [])).toEqual({});
  });
});

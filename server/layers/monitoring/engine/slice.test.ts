import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { totalOf } from "./counter.ts";
import { countDistinct } from "./distinct.ts";
import { featuresOf } from "./features.ts";
import { networkOf } from "./network.ts";
import {
  type ActionFacts,
  BELIEVED_AHEAD_MS,
  BELIEVED_BACK_MS,
  emptySlice,
  foldAction,
  mergeSlices,
  sliceOf,
  transitionsOf,
} from "./slice.ts";

const NOW = Date.parse("2026-11-23T10:00:03Z");
const act = (more: Partial<ActionFacts> = {}): ActionFacts => ({
  action: "transactions.read",
  atMs: NOW,
  refused: false,
  ...more,
});
const foldAll = (actions: ActionFacts[]) => actions.reduce(foldAction, emptySlice());

describe("a slice", () => {
  test("counts calls, bytes, refusals and transitions", () => {
    const slice = foldAll([
      act({ bytes: 1_000_000 }),
      act({ action: "score", bytes: 500_000, refused: true }),
      act({ action: "score" }),
    ]);
    expect(featuresOf([slice])).toMatchObject({
      apiCallsPerMinute: 3,
      dataMegabytes: 1.5,
      uniqueEndpoints: 2,
      bytesPerCall: 500_000,
      refusedRatio: 1 / 3,
      transitions: { "transactions.read>score": 1, "score>score": 1 },
    });
  });

  test("two gateways' halves add up to the whole, in either order, with the step between them", () => {
    const first = foldAll([act(), act({ action: "score" })]);
    const second = foldAll([act({ action: "alert", atMs: NOW + 10 })]);
    expect(mergeSlices(first, second)).toEqual(mergeSlices(second, first));
    expect(transitionsOf(mergeSlices(second, first)).n).toEqual({
      "transactions.read>score": 1,
      "score>alert": 1,
    });
  });

  test("merging is associative, and forgets no call, byte or network beyond its limits", () => {
    const action = fc.record({
      action: fc.string({ maxLength: 50 }),
      atMs: fc.integer({ min: NOW, max: NOW + 9_999 }),
      endpoint: fc.string({ maxLength: 10 }),
      bytes: fc.nat({ max: 1_000_000 }),
      sourceIp: fc.ipV4(),
      dataAccessed: fc.array(fc.string({ unit: "binary", maxLength: 100 }), { maxLength: 5 }),
      refused: fc.boolean(),
    });
    const slice = fc.array(action, { maxLength: 60 }).map(foldAll);
    fc.assert(
      fc.property(slice, slice, slice, (a, b, c) => {
        const left = mergeSlices(mergeSlices(a, b), c);
        expect(left).toEqual(mergeSlices(a, mergeSlices(b, c)));
        expect(left.calls).toBe(a.calls + b.calls + c.calls);
        expect(totalOf(left.networks)).toBe(left.calls);
        expect(JSON.parse(JSON.stringify(left))).toEqual(left);
      }),
    );
  });

  test("names that an agent makes up cannot break the count, grow without end, or carry what JSONB refuses", () => {
    const nasty = ["__proto__", "constructor", "toString", "a\u0000b", "\ud800", "x".repeat(10_000)];
    const slice = foldAll(
      nasty.flatMap((name) => [act({ action: name, dataAccessed: [name], peer: name }), act()]),
    );
    expect(totalOf(slice.data)).toBe(nasty.length);
    expect(slice.data.n.constructor).toBe(1);
    const text = JSON.stringify(slice);
    expect(text).not.toContain("\\u0000");
    expect(text).not.toContain("\\ud800");
    expect(text.length).toBeLessThan(4_000);
    const many = foldAll(
      Array.from({ length: 5_000 }, (_, i) =>
        act({ action: `made-up-${i}`, sourceIp: `10.${i >> 8}.${i & 255}.1` }),
      ),
    );
    expect(JSON.stringify(many).length).toBeLessThan(16_384);
    expect(totalOf(transitionsOf(many))).toBe(4_999);
    expect(featuresOf([many]).networks["(more networks)"]).toBeGreaterThan(4_900);
  });

  test("endpoints are counted exactly to 63 and within a fifth beyond", () => {
    const endpoints = (n: number) =>
      foldAll(Array.from({ length: n }, (_, i) => act({ endpoint: `/v1/a/${i}` })));
    expect(countDistinct(endpoints(63).endpoints)).toBe(63);
    for (const n of [200, 1_000, 5_000])
      expect(Math.abs(countDistinct(endpoints(n).endpoints) / n - 1)).toBeLessThan(0.25);
  });

  test("an action's time is believed from 10 minutes back to 5 ahead; outside it counts as late and nothing else", () => {
    expect(sliceOf(NOW, NOW)).toEqual({ sliceMs: Date.parse("2026-11-23T10:00:00Z"), late: false });
    expect(sliceOf(NOW - BELIEVED_BACK_MS, NOW).late).toBe(false);
    expect(sliceOf(NOW - BELIEVED_BACK_MS - 1, NOW)).toEqual({
      sliceMs: Date.parse("2026-11-23T10:00:00Z"),
      late: true,
    });
    expect(sliceOf(NOW + BELIEVED_AHEAD_MS, NOW).late).toBe(false);
    expect(sliceOf(NOW + BELIEVED_AHEAD_MS + 1, NOW).late).toBe(true);
    expect(foldAll([act({ late: true, bytes: 9 })])).toEqual({ ...emptySlice(), late: 1 });
  });

  test.each([
    ["10.1.2.3", "10.1.2.0/24"],
    ["::ffff:10.1.2.3", "10.1.2.0/24"],
    ["2001:db8:1:2::5", "2001:db8:1::/48"],
    ["2001:0DB8::5", "2001:db8:0::/48"],
    ["::1", "0:0:0::/48"],
    [undefined, "unknown"],
    ["not an address", "unknown"],
  ])("the network of %s is %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

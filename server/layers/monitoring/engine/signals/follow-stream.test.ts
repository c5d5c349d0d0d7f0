import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type StreamState, streamState } from "../../signal-schema.ts";
import { followLosses, followSequence, GAPS_MAX, NEW_STREAM } from "./follow-stream.ts";

const AT = new Date("2026-03-02T10:00:00.000Z");
const ranges = (state: StreamState) => state.gaps.map(({ first, last, missing }) => [first, last, missing]);
function follow(...numbers: number[]): StreamState {
  return numbers.reduce((state, number) => followSequence(state, number, AT).state, NEW_STREAM);
}

describe("numbers", () => {
  it("a stream begins where it is first seen", () => {
    expect(follow(1_000)).toMatchObject({ highest: 1_000, gaps: [] });
  });

  it("what is left out is a range, told once", () => {
    const { state, opened } = followSequence(follow(1, 2), 6, AT);
    expect(opened).toMatchObject({
      kind: "sequence",
      first: 3,
      last: 5,
      missing: 3,
      noticedAt: AT.toISOString(),
    });
    expect(followSequence(state, 7, AT).opened).toBeNull();
  });

  it("what comes late closes the range, cuts it or splits it", () => {
    expect(ranges(follow(1, 3, 2))).toEqual([]);
    expect(ranges(follow(1, 6, 2))).toEqual([[3, 5, 3]]);
    expect(ranges(follow(1, 6, 5))).toEqual([[2, 4, 3]]);
    expect(ranges(follow(1, 6, 3))).toEqual([
      [2, 2, 1],
      [4, 5, 2],
    ]);
  });

  it("a number before the beginning, or one that was there, changes nothing", () => {
    expect(follow(10, 11, 4, 11, 10)).toEqual(follow(10, 11));
  });

  it("in whatever order they come, exactly those that never came are missing", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }),
        (numbers) => {
          const state = follow(0, ...numbers);
          const came = new Set([0, ...numbers]);
          const missing = Array.from({ length: Math.max(...numbers) }, (_, n) => n).filter(
            (n) => !came.has(n),
          );
          const shown = state.gaps.flatMap(({ first, last }) =>
            Array.from({ length: last - first + 1 }, (_, i) => first + i),
          );
          expect(shown.toSorted((a, b) => a - b)).toEqual(missing);
          expect(streamState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
        },
      ),
    );
  });

  it("ranges stay bounded, and how many are missing stays right", () => {
    const odd = Array.from({ length: 3 * GAPS_MAX }, (_, n) => 2 * n + 1);
    const state = follow(...odd);
    expect(state.gaps).toHaveLength(GAPS_MAX);
    expect(state.gaps.reduce((sum, { missing }) => sum + missing, 0)).toBe(odd.length - 1);
    const late = followSequence(state, 2, AT).state;
    expect(late.gaps.reduce((sum, { missing }) => sum + missing, 0)).toBe(odd.length - 2);
  });

  it("a leap over everything costs one range", () => {
    expect(ranges(follow(0, Number.MAX_SAFE_INTEGER))).toEqual([
      [1, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER - 1],
    ]);
  });
});

describe("a source's own count of its losses", () => {
  const told = (state: StreamState, count: number, startedAt = "1") =>
    followLosses(state, { startedAt, count }, AT);

  it("what it lost more than it said last is told", () => {
    const first = told(NEW_STREAM, 0);
    expect(first.opened).toBeNull();
    const second = told(first.state, 12);
    expect(second.opened).toMatchObject({ kind: "lost", missing: 12 });
    expect(told(second.state, 12).opened).toBeNull();
    expect(told(second.state, 15).opened).toMatchObject({ missing: 3, first: 13, last: 15 });
  });

  it("an older message of the same start takes nothing back", () => {
    const { state } = told(NEW_STREAM, 12);
    expect(told(state, 5)).toEqual({ state, opened: null });
  });

  it("a new start counts from zero", () => {
    const { state } = told(NEW_STREAM, 12);
    expect(told(state, 4, "2").opened).toMatchObject({ missing: 4 });
    expect(told(state, 0, "2").state.lost).toEqual({ startedAt: "2", count: 0 });
  });

  it("is not filled by numbers that come late, and counted apart from them", () => {
    const { state } = told(follow(1, 9), 3);
    expect(followSequence(state, 5, AT).state.gaps.filter(({ kind }) => kind === "lost")).toHaveLength(1);
  });
});

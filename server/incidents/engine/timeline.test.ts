import fc from "fast-check";
import { expect, test } from "vitest";
import type { TimelineEntry } from "../views.ts";
import { mergeTimeline } from "./timeline.ts";

const entry = fc
  .record({
    at: fc.integer({ min: 0, max: 20 }),
    recordedAt: fc.integer({ min: 0, max: 20 }),
    refId: fc.uuid(),
  })
  .map(
    ({ at, recordedAt, refId }): TimelineEntry => ({
      at: new Date(at),
      recordedAt: new Date(recordedAt),
      source: "fact",
      kind: "note",
      title: "t",
      actor: null,
      refId,
      superseded: false,
    }),
  );

test("nothing is lost, and the order does not depend on where it came from", () => {
  fc.assert(
    fc.property(fc.array(entry), fc.array(entry), (a, b) => {
      const merged = mergeTimeline([a, b]);
      expect(merged).toHaveLength(a.length + b.length);
      expect(mergeTimeline([[...b].reverse(), [...a].reverse()]).map(({ refId }) => refId)).toEqual(
        merged.map(({ refId }) => refId),
      );
      for (const [index, next] of merged.slice(1).entries())
        expect((merged[index] as TimelineEntry).at.getTime()).toBeLessThanOrEqual(next.at.getTime());
    }),
  );
});

import { expect, it } from "vitest";
import { gapWords, healthOf, lagWords } from "./source-words.ts";

const day = {
  ...{ received: 1, mapped: 1, unmapped: 0, held: 0, repeated: 0, heartbeats: 0, refused: 0 },
  ...{ refusedBy: {}, lagMsMedian: 1, lagMsP95: 2 },
};
const well = { enabled: true, silentSince: null, receivedAt: new Date(0), gaps: [], day };
const gap = {
  kind: "sequence" as const,
  first: 3,
  last: 7,
  missing: 5,
  noticedAt: "2026-03-02T10:00:00.000Z",
  stream: "a",
};

it("the worst is told first, and a source that was never heard is not called well", () => {
  expect(healthOf(well)).toEqual({ word: "heard", tone: "ok" });
  expect(healthOf({ ...well, receivedAt: null }).tone).not.toBe("ok");
  expect(healthOf({ ...well, day: { ...day, held: 2 } }).word).toBe("2 unreadable");
  expect(healthOf({ ...well, gaps: [gap] }).word).toBe("5 missing");
  expect(healthOf({ ...well, gaps: [gap], day: { ...day, refusedBy: { flood: 9 } } }).word).toBe("flooded");
  expect(healthOf({ ...well, gaps: [gap], silentSince: new Date(0) }).word).toBe("silent");
  expect(healthOf({ ...well, enabled: false, silentSince: new Date(0) }).word).toBe("off");
});

it("a clock that is ahead is not shown as promptness", () => {
  expect(lagWords(-30_000)).toContain("ahead");
  expect(lagWords(null)).toBe("none yet");
});

it("a gap names its stream, its range and how many are missing", () => {
  expect(gapWords(gap)).toBe("a: 3 to 7 (5 never came)");
  expect(gapWords({ ...gap, first: 3, last: 3, missing: 1, stream: "" })).toBe("3 (1 never came)");
  expect(gapWords({ ...gap, kind: "lost", missing: 17 })).toBe("a: 17 lost, by its own count");
});

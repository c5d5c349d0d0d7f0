import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatAge,
  formatAgo,
  formatBytes,
  formatCompact,
  formatCount,
  formatCountdown,
  formatDuration,
  formatPercent,
  formatScore,
  formatUtc,
  formatUtcTime,
  shortDigest,
  zoneName,
} from "./format.ts";

const HOUR_MS = 3_600_000;

describe("a countdown", () => {
  it("shows zero only when the time is up", () => {
    expect(formatCountdown(1)).toBe("00:00:01");
    expect(formatCountdown(0)).toBe("00:00:00");
    expect(formatCountdown(-1)).toBe("−00:00:00");
    expect(formatCountdown(-1_000)).toBe("−00:00:01");
  });

  it("counts hours past a day instead of losing them", () => {
    expect(formatCountdown(36 * HOUR_MS)).toBe("36:00:00");
    expect(formatCountdown(720 * HOUR_MS)).toBe("720:00:00");
    expect(formatCountdown(31 * HOUR_MS + 47 * 60_000 + 9_000)).toBe("31:47:09");
  });

  it("never shows less time left than there is, nor a second more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000 * HOUR_MS }), (leftMs) => {
        const [h = 0, m = 0, s = 0] = formatCountdown(leftMs).split(":").map(Number);
        const shownMs = (h * 3_600 + m * 60 + s) * 1_000;
        expect(shownMs).toBeGreaterThanOrEqual(leftMs);
        expect(shownMs - leftMs).toBeLessThan(1_000);
      }),
    );
  });
});

describe("durations and ages", () => {
  it.each([
    [0, "0 ms"],
    [61, "61 ms"],
    [1_060, "1.0 s"],
    [9_990, "9.9 s"],
    [59_999, "59 s"],
    [41 * 60_000, "41 min"],
    [2 * HOUR_MS, "2 h"],
    [2 * HOUR_MS + 5 * 60_000, "2 h 5 min"],
    [76 * HOUR_MS, "3 d 4 h"],
  ])("%i ms reads %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  it("an instant ahead of the clock is now, never a negative age", () => {
    expect(formatAge(new Date(10_000), 5_000)).toBe("now");
  });

  it("never says now ago", () => {
    expect(formatAgo(new Date(10_000), 10_200)).toBe("now");
    expect(formatAgo(new Date(0), 12_000)).toBe("12 s ago");
  });

  it("keeps hours up to two days, then days", () => {
    expect(formatAge(new Date(0), 47 * HOUR_MS)).toBe("47 h");
    expect(formatAge(new Date(0), 48 * HOUR_MS)).toBe("2 d");
  });
});

describe("instants", () => {
  it("are in UTC whatever the zone of the machine", () => {
    expect(formatUtc("2026-11-24T21:49:30Z")).toBe("Tue 24 Nov 21:49 UTC");
    expect(formatUtcTime("2026-11-24T23:59:59.999+05:00")).toBe("18:59:59");
  });

  it("carry the year when it is not this one", () => {
    expect(formatUtc("2026-12-31T23:59:00Z", Date.parse("2027-01-01T00:10:00Z"))).toBe(
      "Thu 31 Dec 2026 23:59 UTC",
    );
  });

  it("name a zone by its city", () => expect(zoneName("America/New_York")).toBe("New York"));
});

describe("numbers", () => {
  it("a score is never rounded up over a threshold", () => {
    expect(formatScore(0.8999)).toBe("0.89");
    expect(formatScore(0.9)).toBe("0.90");
    expect(formatScore(1)).toBe("1.00");
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.899, noNaN: true }), (score) => {
        expect(Number(formatScore(score))).toBeLessThan(0.9);
      }),
    );
  });

  it("counts are separated by thousands", () => {
    expect(formatCount(1_204_881)).toBe("1,204,881");
    expect(formatCount(999)).toBe("999");
  });

  it("figures on an axis are short, and small ones keep their digits", () => {
    expect(formatCompact(1_224_959, 0)).toBe("1.22M");
    expect(formatCompact(120_292, 0)).toBe("120k");
    expect(formatCompact(0.425, 2)).toBe("0.42");
    expect(formatCompact(850, 0)).toBe("850");
  });

  it("bytes have three digits", () => {
    expect(formatBytes(0)).toBe("0 B");
    expect(formatBytes(14_200_000)).toBe("14.2 MB");
    expect(formatBytes(1_000_000_000)).toBe("1.00 GB");
  });

  it("a digest keeps both of its ends", () => {
    expect(shortDigest("sha256:9f2c00000000000000000041aa")).toBe("9f2c00…41aa");
    expect(shortDigest("short")).toBe("short");
  });
});

describe("a share", () => {
  it.each([
    [0, "0%"],
    [0.004, "<1%"],
    [0.37, "37%"],
    [0.996, ">99%"],
    [1, "100%"],
  ])("of %d reads %s", (share, text) => expect(formatPercent(share)).toBe(text));
});

import { describe, expect, it } from "vitest";
import { periodWords, readPeriod } from "./duty-period.ts";

const NOW = Date.parse("2026-11-23T12:34:56.000Z");
const days = (first: string | null, last: string | null) => {
  const { firstDay, lastDay } = readPeriod(first, last, NOW);
  return [firstDay, lastDay];
};

describe("the period in the address", () => {
  it("is the last thirty days where there is none, today with them", () => {
    expect(readPeriod(null, null, NOW)).toEqual({
      ...{ firstDay: "2026-10-25", lastDay: "2026-11-23" },
      from: new Date("2026-10-25T00:00:00.000Z"),
      to: new Date("2026-11-24T00:00:00.000Z"),
    });
  });

  it("has both its days whole", () => {
    const { from, to } = readPeriod("2026-01-01", "2026-01-01", NOW);
    expect(to.getTime() - from.getTime()).toBe(86_400_000);
    expect(periodWords({ from, to })).toBe("2026-01-01 to 2026-01-01");
    expect(days("2026-02-28", "2026-03-01")).toEqual(["2026-02-28", "2026-03-01"]);
  });

  it("is turned round where it ends before it begins", () => {
    expect(days("2026-03-01", "2026-02-01")).toEqual(["2026-02-01", "2026-03-01"]);
  });

  it.each(["2026-02-30", "26-1-1", "<script>", "", "2026-13-01", "9999999-01-01"])(
    "takes %s for no day",
    (text) => {
      expect(days(text, "2026-11-23")).toEqual(["2026-10-25", "2026-11-23"]);
      expect(days(null, text)).toEqual(["2026-10-25", "2026-11-23"]);
    },
  );
});

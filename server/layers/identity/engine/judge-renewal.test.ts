import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DUE_PART, judgeRenewal, OVERDUE_PART, type RenewalFacts } from "./judge-renewal.ts";

const T = new Date("2026-11-23T12:00:00Z").getTime();
const at = (minutes: number) => new Date(T + minutes * 60_000);
/** Issued at 0; a life of 120 minutes. */
const FACTS: RenewalFacts = {
  issuedAt: at(0),
  dueAt: at(120 * DUE_PART),
  overdueAt: at(120 * OVERDUE_PART),
  endsAt: at(120),
  issuedCount: 4,
  lastFailedAt: null,
};
const judge = (minutes: number, more: Partial<RenewalFacts> = {}) =>
  judgeRenewal({ ...FACTS, ...more }, at(minutes));

describe("a renewal", () => {
  it.each([
    [0, "fine", false],
    [79.99, "fine", false],
    [80, "due", false],
    [89.99, "due", false],
    [90, "overdue", false],
    [119.99, "overdue", false],
    [120, "overdue", true],
    [9_999, "overdue", true],
  ])("after %s of 120 minutes is %s", (minutes, state, ended) => {
    expect(judge(minutes)).toEqual({ state, ended, neverRenewed: false });
  });

  it("is overdue from the moment its credential was revoked, young as it was", () => {
    expect(judge(10, { endsAt: at(5) })).toMatchObject({ state: "overdue", ended: true });
  });

  it("that failed says so until one succeeds, whatever time is left", () => {
    expect(judge(1, { lastFailedAt: at(0.5) }).state).toBe("failed");
    expect(judge(100, { lastFailedAt: at(99) }).state).toBe("failed");
    expect(judge(1, { lastFailedAt: at(-1) }).state).toBe("fine");
    expect(judge(1, { lastFailedAt: at(0) }).state).toBe("fine");
  });

  it("that never happened is flagged once it should have", () => {
    expect(judge(79, { issuedCount: 1 }).neverRenewed).toBe(false);
    expect(judge(80, { issuedCount: 1 }).neverRenewed).toBe(true);
    expect(judge(80, { issuedCount: 2 }).neverRenewed).toBe(false);
    expect(judge(3, { issuedCount: 1, endsAt: at(2) }).neverRenewed).toBe(true);
  });

  it("never gets better by waiting alone", () => {
    const ORDER = ["fine", "due", "overdue", "failed"];
    const minutes = fc.integer({ min: -10, max: 200 });
    fc.assert(
      fc.property(minutes, minutes, fc.option(minutes), (a, b, failed) => {
        const more = { lastFailedAt: failed === null ? null : at(failed) };
        const [first, second] = [judge(Math.min(a, b), more), judge(Math.max(a, b), more)];
        expect(ORDER.indexOf(second.state)).toBeGreaterThanOrEqual(ORDER.indexOf(first.state));
        expect(!first.ended || second.ended).toBe(true);
      }),
    );
  });
});

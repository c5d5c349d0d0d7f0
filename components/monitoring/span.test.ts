import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { earlier, later, readSpan, SPAN_MS_MAX, SPAN_MS_MIN, spanText, zoomIn, zoomOut } from "./span.ts";

const NOW = Date.parse("2026-11-25T12:00:30Z");
const HOUR = 3_600_000;
const day = { fromMs: Date.parse("2026-11-20T00:00:00Z"), toMs: Date.parse("2026-11-21T00:00:00Z") };

describe("a stretch of time", () => {
  it("is read back from an address as it was written", () => {
    expect(readSpan(spanText(day.fromMs), spanText(day.toMs), NOW)).toEqual(day);
  });

  it.each([
    [null, null],
    ["yesterday", "2026-11-21T00:00:00Z"],
    ["2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z"],
    ["2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z"],
  ])("from %s to %s is none", (from, to) => expect(readSpan(from, to, NOW)).toBeNull());

  it("halves and doubles around its middle, and moves by half its length", () => {
    expect(zoomIn(day, NOW)).toEqual({ fromMs: day.fromMs + 6 * HOUR, toMs: day.toMs - 6 * HOUR });
    expect(zoomOut(day, NOW)).toEqual({ fromMs: day.fromMs - 12 * HOUR, toMs: day.toMs + 12 * HOUR });
    expect(earlier(day, NOW)).toEqual({ fromMs: day.fromMs - 12 * HOUR, toMs: day.toMs - 12 * HOUR });
    expect(later(earlier(day, NOW), NOW)).toEqual(day);
  });

  it("never ends in the future, nor is too short or too long, whatever is pressed", () => {
    const press = fc.constantFrom(zoomIn, zoomOut, earlier, later);
    fc.assert(
      fc.property(fc.array(press, { maxLength: 40 }), (presses) => {
        const span = presses.reduce((at, next) => next(at, NOW), day);
        expect(span.toMs).toBeLessThanOrEqual(NOW + 60_000);
        expect(span.toMs - span.fromMs).toBeGreaterThanOrEqual(SPAN_MS_MIN);
        expect(span.toMs - span.fromMs).toBeLessThanOrEqual(SPAN_MS_MAX);
        expect(span.fromMs % 60_000).toBe(0);
      }),
    );
  });
});

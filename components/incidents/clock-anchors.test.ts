import { describe, expect, it } from "vitest";
import { anchorsText, readAnchors, wholeAnchors } from "./clock-anchors.ts";

const EVENTS = ["aware", "classified"];
const both = { aware: "2026-03-27T10:00", classified: "2026-03-28T08:00" };

describe("the events of a clock in an address", () => {
  it("are read back as they were written", () => {
    expect(readAnchors(anchorsText(both), EVENTS)).toEqual(both);
    expect(anchorsText({})).toBeNull();
  });

  it.each([
    null,
    "",
    "aware",
    "aware=",
    "aware=2026-03-27T10:00",
    "aware=soonZ",
    "paid=2026-03-27T10:00Z",
    "__proto__=2026-03-27T10:00Z",
  ])("%j names none", (text) => expect(readAnchors(text, EVENTS)).toEqual({}));

  it("are asked about only once all of them have an instant", () => {
    expect(wholeAnchors({ aware: both.aware }, EVENTS)).toBeNull();
    expect(wholeAnchors(both, EVENTS)).toBe("aware=2026-03-27T10:00:00Z,classified=2026-03-28T08:00:00Z");
  });
});

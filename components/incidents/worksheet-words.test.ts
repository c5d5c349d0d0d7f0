import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limbAnswer, limbId } from "#server/incidents/schema.ts";
import { ANSWER_WORDS, LIMB_TITLES, utcField, utcInstant } from "./worksheet-words.ts";

describe("instants typed into a form", () => {
  it("are UTC, whatever the zone of the desk", () => {
    expect(utcInstant("2026-03-08T02:30")).toBe("2026-03-08T02:30:00.000Z");
  });

  it.each(["", "2026-13-01T00:00", "2026-03-08", "2026-03-08T02:30+05:00", "tomorrow"])(
    "%s is none",
    (text) => expect(utcInstant(text)).toBeNull(),
  );

  it("a field that was filled by the server's time gives the same minute back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (ms) => {
        const minuteMs = Math.floor(ms / 60_000) * 60_000;
        expect(Date.parse(utcInstant(utcField(ms)) ?? "")).toBe(minuteMs);
      }),
    );
  });
});

describe("the worksheet", () => {
  it("has every limb and every answer of the rule", () => {
    expect(LIMB_TITLES.map(({ id }) => id)).toEqual(limbId.options);
    expect(Object.keys(ANSWER_WORDS).sort()).toEqual([...limbAnswer.options].sort());
  });
});

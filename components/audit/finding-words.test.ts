import { describe, expect, it } from "vitest";
import { FINDING_CLASSES } from "#server/layers/audit/schema.ts";
import { findingTitle } from "./finding-words.ts";

describe("a finding's headline", () => {
  it("names the exact record and the class, for every class there is", () => {
    for (const kind of FINDING_CLASSES) {
      const title = findingTitle({
        class: kind,
        fromSeq: 1_204_310,
        toSeq: 1_204_310,
        recordId: null,
        detail: "",
      });
      expect(title).toContain("Record 1,204,310");
      expect(title).toContain(`(${kind})`);
    }
  });

  it("names both ends of a range", () => {
    expect(findingTitle({ class: "delete", fromSeq: 7, toSeq: 9, recordId: null, detail: "" })).toBe(
      "Records 7 to 9: missing (delete)",
    );
  });
});

import { expect, test } from "vitest";
import { checksInWords, summary } from "./certificate-words.ts";

test("a certificate's checks are counted", () => {
  expect(checksInWords([{ passed: true }, { passed: false }])).toBe("1 of 2 passed");
});

test("all of an agent's certificates come to one word, and one that does not hold is never lost", () => {
  expect(summary([])).toBeNull();
  expect(summary([{ outcome: "allow" }, { outcome: "allow" }])).toEqual({ tone: "ok", words: "2 hold" });
  expect(summary([{ outcome: "allow" }, { outcome: "deny" }])).toEqual({
    tone: "critical",
    words: "1 of 2 does not hold",
  });
  expect(summary([{ outcome: "deny" }, { outcome: "deny" }])?.words).toBe("2 of 2 do not hold");
});

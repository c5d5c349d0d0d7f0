import { describe, expect, test } from "vitest";
import { decideContinuation, type LogFacts, refusalText } from "./continue-log.ts";

const root = Buffer.alloc(32, 1);
const facts: LogFacts = {
  headSeq: 10,
  headXid: "700",
  nextXid: "701",
  copied: { size: 8, root },
  rootAtCopied: root,
};
const outcome = (change: Partial<LogFacts>) => decideContinuation({ ...facts, ...change }).outcome;

describe("whether the log may be continued", () => {
  test("yes, where it holds all that was signed", () => {
    expect(outcome({})).toBe("extend");
    expect(outcome({ copied: { size: 10, root } })).toBe("extend");
    expect(outcome({ copied: null, rootAtCopied: null })).toBe("extend");
    expect(refusalText(decideContinuation(facts))).toBeNull();
  });

  test.each<[string, Partial<LogFacts>, string]>([
    ["it is shorter than what was signed", { headSeq: 7, rootAtCopied: null }, "old backup"],
    ["it is empty and something was signed", { headSeq: 0, headXid: "0", rootAtCopied: null }, "old backup"],
    ["what was signed is not what is there", { rootAtCopied: Buffer.alloc(32, 2) }, "have been changed"],
    ["what was signed can not be built any more", { rootAtCopied: null }, "have been changed"],
    ["transaction ids start over", { nextXid: "700" }, "pg_resetwal"],
    [
      "transaction ids start over, compared as numbers",
      { headXid: "10000000000", nextXid: "9999999999" },
      "pg_resetwal",
    ],
  ])("no, where %s; and the reason says what to do", (_, change, words) => {
    const decision = decideContinuation({ ...facts, ...change });
    expect(decision.outcome).toBe("refuse");
    expect(refusalText(decision)).toContain(words);
  });
});

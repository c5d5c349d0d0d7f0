import { expect, it } from "vitest";
import {
  AUTHORITIES,
  CLAIM_VALUES,
  CLAIMS,
  LEVELS,
  STANDINGS,
} from "#server/layers/identity/facts-schema.ts";
import {
  AUTHORITY_NAMES,
  CLAIM_FIELDS,
  CLAIM_NAMES,
  firstValue,
  isComplete,
  levelSentence,
  levelWords,
  msUntilNextEnd,
  STANDING_WORDS,
  sentValue,
  valueLines,
} from "./facts-words.ts";

it("a claimed level is never said as if the agent had it", () => {
  expect(levelSentence("platinum", null)).toBe("Claimed: platinum. Attested: none.");
  expect(levelSentence("platinum", "gold")).toBe("Claimed: platinum. Attested: gold.");
  expect(levelSentence(null, null)).toBe("No compliance level is claimed.");
  expect(levelWords(null)).toEqual({ word: "no level", tone: "neutral" });
  for (const level of LEVELS) expect(levelWords(level).word).toBe(level);
});

it("every claim, authority and standing has its word, and nothing but attested is green", () => {
  for (const claim of CLAIMS) expect(CLAIM_NAMES[claim]).toBeTruthy();
  for (const authority of AUTHORITIES) expect(AUTHORITY_NAMES[authority]).toBeTruthy();
  expect(STANDINGS.filter((one) => STANDING_WORDS[one].tone === "ok")).toEqual(["attested"]);
});

it("the form of each claim asks for just the members that its schema takes", () => {
  for (const claim of CLAIMS) {
    if (CLAIM_FIELDS[claim].length === 0) continue;
    expect(CLAIM_FIELDS[claim].map((one) => one.name).sort()).toEqual(
      Object.keys(CLAIM_VALUES[claim].shape).sort(),
    );
    const filled = Object.fromEntries(
      CLAIM_FIELDS[claim].map((one) => [
        one.name,
        one.kind === "choice"
          ? one.options[0]
          : one.kind === "list"
            ? ["x"]
            : one.kind === "flag"
              ? true
              : "x",
      ]),
    ) as Record<string, string>;
    expect(CLAIM_VALUES[claim].safeParse(sentValue(claim, filled)).error).toBeUndefined();
    expect(isComplete(claim, filled)).toBe(true);
  }
});

it("an unfinished form is not sent, and what may be empty is left out", () => {
  const value = firstValue("baseline_model", null);
  expect(isComplete("baseline_model", value)).toBe(false);
  const named = { ...value, foundation_model: "orchid-9b", model_provider: " " };
  expect(isComplete("baseline_model", named)).toBe(true);
  expect(sentValue("baseline_model", named)).toEqual({ foundation_model: "orchid-9b" });
  expect(isComplete("data_access", firstValue("data_access", null))).toBe(false);
  expect(firstValue("data_access", { classification: "public" })).toEqual({ classification: "public" });
});

it("a value is read as named lines", () => {
  expect(valueLines({ data_sources: ["cards", "salaries"], personal_data: true })).toEqual([
    ["Data sources", "cards, salaries"],
    ["Personal data", "yes"],
  ]);
});

it("facts are read again just after the next attestation ends, and within five minutes", () => {
  const now = 1_000_000;
  const one = (standing: "attested" | "expired", inMs: number) => ({
    authorities: [{ standing, expiresAt: new Date(now + inMs) }],
  });
  expect(msUntilNextEnd([one("attested", 60_000), one("attested", 10_000)], now)).toBe(10_250);
  expect(msUntilNextEnd([one("expired", -10), one("attested", 9e9)], now)).toBe(300_250);
  expect(msUntilNextEnd([], now)).toBe(300_250);
  expect(msUntilNextEnd([one("attested", 1)], now)).toBe(1_000);
});

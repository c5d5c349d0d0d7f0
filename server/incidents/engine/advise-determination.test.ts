import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Impact, LimbAnswer, Worksheet } from "../schema.ts";
import { adviseDetermination, checkWorksheet } from "./advise-determination.ts";

const UNKNOWN: Impact = {
  serviceDisruptionHours: null,
  customersAffected: null,
  dataBreachConfirmed: null,
  financialLossUsd: null,
  systemIntegrityCompromised: null,
};
const CALM: Impact = {
  serviceDisruptionHours: 0,
  customersAffected: 0,
  dataBreachConfirmed: false,
  financialLossUsd: 0,
  systemIntegrityCompromised: false,
};
const firedBy = (impact: Impact) =>
  adviseDetermination(impact)
    .triggers.filter(({ fired }) => fired)
    .map(({ id }) => id);

describe("the five triggers", () => {
  test.each<[Partial<Impact>, string[]]>([
    [{ serviceDisruptionHours: 3.999 }, []],
    [{ serviceDisruptionHours: 4 }, ["service-disruption"]],
    [{ customersAffected: 1 }, ["customers-affected"]],
    [{ dataBreachConfirmed: true }, ["data-breach"]],
    [{ financialLossUsd: 100_000 }, []],
    [{ financialLossUsd: 100_000.01 }, ["financial-loss"]],
    [{ systemIntegrityCompromised: true }, ["system-integrity"]],
  ])("at their edges: %o", (change, expected) => {
    expect(firedBy({ ...CALM, ...change })).toEqual(expected);
  });

  test("what is not known is neither present nor absent", () => {
    const { triggers, summary } = adviseDetermination(UNKNOWN);
    expect(triggers.every(({ fired }) => fired === null)).toBe(true);
    expect(summary).toContain("5 of 5 are not known");
    expect(adviseDetermination(CALM).summary).toBe("None of the five signs is present.");
  });

  test("each says why it is not the rule, and none decides", () => {
    const advice = adviseDetermination({ ...CALM, customersAffected: 12, dataBreachConfirmed: true });
    expect(advice).not.toHaveProperty("outcome");
    for (const { meaning } of advice.triggers) expect(meaning.length).toBeGreaterThan(20);
  });
});

const sheet = (harm: boolean, answers: [LimbAnswer, LimbAnswer, LimbAnswer]): Worksheet => ({
  actualHarm: { answer: harm, facts: "f" },
  limbs: {
    operations: { answer: answers[0], facts: "f" },
    "business-line": { answer: answers[1], facts: "f" },
    stability: { answer: answers[2], facts: "f" },
  },
  impact: UNKNOWN,
});
const follows = (s: Worksheet, outcome: "notifiable" | "not-notifiable") =>
  checkWorksheet(s, outcome).find(({ id }) => id === "outcome-follows")?.passed;
const answer = fc.constantFrom<LimbAnswer>("has", "reasonably-likely", "no");

describe("the worksheet", () => {
  test("a reasonably likely disruption counts like one that has happened", () => {
    expect(follows(sheet(true, ["reasonably-likely", "no", "no"]), "not-notifiable")).toBe(false);
    expect(follows(sheet(true, ["no", "has", "no"]), "not-notifiable")).toBe(false);
    expect(follows(sheet(true, ["no", "no", "reasonably-likely"]), "not-notifiable")).toBe(false);
  });

  test("without actual harm, or without a limb, it need not be notified", () => {
    expect(follows(sheet(false, ["has", "has", "has"]), "not-notifiable")).toBe(true);
    expect(follows(sheet(true, ["no", "no", "no"]), "not-notifiable")).toBe(true);
  });

  test("nobody is ever kept from notifying", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.tuple(answer, answer, answer), (harm, answers) => {
        expect(follows(sheet(harm, answers), "notifiable")).toBe(true);
      }),
    );
  });

  test("the triggers never change what the worksheet says", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.tuple(answer, answer, answer),
        fc.integer({ min: 0, max: 1e6 }),
        (harm, answers, n) => {
          const plain = sheet(harm, answers);
          const loud = {
            ...plain,
            impact: { ...CALM, customersAffected: n, financialLossUsd: n, dataBreachConfirmed: true },
          };
          expect(checkWorksheet(loud, "not-notifiable")).toEqual(checkWorksheet(plain, "not-notifiable"));
        },
      ),
    );
  });
});

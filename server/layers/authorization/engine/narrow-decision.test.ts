import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DecisionOpinion } from "../decision-schema.ts";
import type { ScopeDecision } from "./decide-scopes.ts";
import { narrowDecision } from "./narrow-decision.ts";

const grant = (scope: string) => ({
  scope,
  grantIds: [`g-${scope}`],
  limits: null,
  restsOn: [],
  expiresAt: null,
});
const DECISION: ScopeDecision = {
  granted: [grant("a:read"), grant("b:write")],
  refused: [{ scope: "c:admin", rule: "approval_needed", reason: "Ask." }],
};
const answered = (scopes: Record<string, { allow: boolean; reasons: string[] }>): DecisionOpinion => ({
  ...{ by: "OPA", answered: true },
  scopes,
});
const yes = { allow: true, reasons: [] };

describe("a decision point", () => {
  it("that is not there changes nothing", () => {
    expect(narrowDecision(DECISION, null)).toBe(DECISION);
  });

  it("that allows all by name changes nothing, and gives nothing that our rules refuse", () => {
    const opinion = answered({ "a:read": yes, "b:write": yes, "c:admin": yes, "d:more": yes });
    expect(narrowDecision(DECISION, opinion)).toEqual(DECISION);
  });

  it("refuses with its reasons what it denies, and what it says nothing of", () => {
    const opinion = answered({ "a:read": { allow: false, reasons: ["Not at night", "Not from here"] } });
    const { granted, refused } = narrowDecision(DECISION, opinion);
    expect(granted).toEqual([]);
    expect(refused.slice(1)).toEqual([
      {
        scope: "a:read",
        rule: "decision_point_refused",
        reason: "OPA refused a:read: Not at night; Not from here.",
      },
      {
        scope: "b:write",
        rule: "decision_point_refused",
        reason: "OPA said nothing of b:write, so it is refused.",
      },
    ]);
  });

  it("that does not answer refuses all, and says why", () => {
    const { granted, refused } = narrowDecision(DECISION, { by: "OPA", answered: false, why: "it is away" });
    expect(granted).toEqual([]);
    expect(refused.map(({ rule }) => rule)).toEqual([
      ...["approval_needed", "decision_point_away", "decision_point_away"],
    ]);
    expect(refused[1]?.reason).toContain("it is away");
  });

  it("is not fooled by names that every object has", () => {
    const decision = { granted: [grant("constructor"), grant("__proto__")], refused: [] };
    expect(narrowDecision(decision, answered({})).granted).toEqual([]);
  });
});

it("whatever a decision point says, nothing is granted that was not, and each scope is told once", () => {
  const scope = fc.constantFrom("a:read", "b:write", "c:admin", "d:more");
  const said = fc.dictionary(scope, fc.record({ allow: fc.boolean(), reasons: fc.array(fc.string()) }));
  const opinion = fc.oneof(
    said.map(answered),
    fc.constant<DecisionOpinion>({ by: "OPA", answered: false, why: "away" }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(scope), opinion, (names, spoken) => {
      const { granted, refused } = narrowDecision({ granted: names.map(grant), refused: [] }, spoken);
      for (const { scope: given } of granted) expect(names).toContain(given);
      expect([...granted, ...refused].map((it) => it.scope).sort()).toEqual([...names].sort());
    }),
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BreakGlassFacts,
  type BreakGlassWish,
  breakGlassLimits,
  breakGlassSeconds,
  decideBreakGlass,
  mayBreakGlass,
} from "./decide-break-glass.ts";

const FACTS: BreakGlassFacts = {
  person: { id: "p", email: "p@bank.example", holdsRole: true, disabled: false, inPerson: true },
  rule: { people: ["p"], secondsMax: 1_800, reviewWithinSeconds: 86_400 },
  owners: [{ id: "o", email: "o@bank.example" }],
  agent: { kind: "agent", status: "active", banned: false },
  ...{ cover: [], overdue: [], alreadyBroken: false, unreviewed: [] },
};
const WISH: BreakGlassWish = {
  scope: { scope: "payments:execute", group: "elevated", secondsMax: 3_600 },
  seconds: 1_800,
};
const base = { scope: "transactions:read", group: "base" as const, secondsMax: null };

function failing(facts: Partial<BreakGlassFacts>, wish: Partial<BreakGlassWish> = {}): string[] {
  const decision = decideBreakGlass({ ...FACTS, ...facts }, { ...WISH, ...wish });
  const failed = decision.checks.filter((check) => !check.passed).map((check) => check.id);
  expect(decision.outcome).toBe(failed.length === 0 ? "allow" : "deny");
  return failed;
}
const person = (as: Partial<BreakGlassFacts["person"]>) => ({ person: { ...FACTS.person, ...as } });
const rule = (as: Partial<BreakGlassFacts["rule"]>) => ({ rule: { ...FACTS.rule, ...as } });
const agent = (as: Partial<BreakGlassFacts["agent"]>) => ({ agent: { ...FACTS.agent, ...as } });

it("whoever the policy names may, for an agent in service that is not theirs", () => {
  expect(failing({})).toEqual([]);
  expect(failing({ owners: [] })).toEqual([]);
});

describe("glass is not broken", () => {
  it.each<[string, Partial<BreakGlassFacts>, Partial<BreakGlassWish>, string]>([
    ["by an API key", person({ inPerson: false }), {}, "in-person"],
    ["without the role now", person({ holdsRole: false }), {}, "may-break-glass"],
    ["by a disabled person", person({ disabled: true }), {}, "may-break-glass"],
    ["by anybody where the list is empty", rule({ people: [] }), {}, "named-in-policy"],
    ["by somebody else than the policy names", rule({ people: ["q"] }), {}, "named-in-policy"],
    ["by the second account of somebody named", { ...person({ id: "p2" }) }, {}, "named-in-policy"],
    ["by the owner", { owners: [{ id: "p", email: "x@bank.example" }] }, {}, "not-owner"],
    [
      "by the owner's other address",
      { owners: [...FACTS.owners, { id: "g", email: "P+1@Bank.example" }] },
      {},
      "not-owner",
    ],
    ["while the owner is unknown", { owners: ["unknown"] }, {}, "not-owner"],
    [
      "while a use of theirs is overdue",
      { overdue: [{ id: "p", email: "p@bank.example" }] },
      {},
      "reviewed-before",
    ],
    [
      "while a use of their other account is overdue",
      { overdue: [{ id: "p2", email: "P+b@bank.example" }] },
      {},
      "reviewed-before",
    ],
    ["while nobody knows whose use is overdue", { overdue: ["unknown"] }, {}, "reviewed-before"],
    ["for a contained agent", agent({ status: "contained" }), {}, "agent-in-service"],
    ["for a banned agent", agent({ banned: true }), {}, "agent-in-service"],
    ["for a resource server", agent({ kind: "resource-server" }), {}, "agent-in-service"],
    ["for longer than the policy allows", {}, { seconds: 1_801 }, "not-too-long"],
    ["twice at a time", { alreadyBroken: true }, {}, "not-yet-broken"],
  ])("%s", (_what, facts, wish, check) => expect(failing(facts, wish)).toEqual([check]));

  it("for a base scope, nor for longer than the scope is given", () => {
    expect(failing({}, { scope: base })).toContain("scope-is-given-for-a-time");
    expect(failing({}, { scope: { ...WISH.scope, secondsMax: 600 }, seconds: 601 })).toEqual([
      "not-too-long",
    ]);
    expect(breakGlassSeconds(FACTS.rule, { ...WISH.scope, secondsMax: 600 })).toBe(600);
    expect(breakGlassSeconds(FACTS.rule, base)).toBe(0);
  });

  it("for a child whose parent does not hold the scope", () => {
    const cover = [{ id: "covered-by-parent", passed: false, detail: "Its parent holds no live grant." }];
    expect(failing({ cover })).toEqual(["covered-by-parent"]);
  });
});

it("somebody else's overdue review keeps nobody from acting", () => {
  expect(failing({ overdue: [{ id: "q", email: "q@bank.example" }] })).toEqual([]);
});

it("whoever is told that they may not is refused, whatever they ask", () => {
  fc.assert(
    fc.property(
      fc.record({ inPerson: fc.boolean(), holdsRole: fc.boolean(), disabled: fc.boolean() }),
      fc.subarray(["p", "q"]),
      fc.constantFrom("active", "contained", "retired"),
      (as, people, status) => {
        const facts = { ...FACTS, ...person(as), ...rule({ people }), ...agent({ status }) };
        if (mayBreakGlass(facts).outcome === "deny")
          expect(decideBreakGlass(facts, WISH).outcome).toBe("deny");
        for (const { detail } of mayBreakGlass(facts).checks) expect(detail).toMatch(/^[A-Z].*\.$/);
      },
    ),
  );
});

describe("one person does not hold a scope open alone", () => {
  it("a use of theirs that waits for its review bars the next for the same agent and scope", () => {
    const twin = { id: "p2", email: "P+2@bank.example" };
    for (const unreviewed of [[FACTS.person], [twin], ["unknown" as const]])
      expect(failing({ unreviewed })).toEqual(["last-one-reviewed"]);
    expect(failing({ unreviewed: [{ id: "q", email: "q@bank.example" }] })).toEqual([]);
  });

  it("nor gives more than all approvers together may: the policy's maximum is the limit", () => {
    expect(breakGlassLimits({ amounts: { currency: "USD", max: "10000", escalation: null } })).toEqual({
      amount: { max: "10000", currency: "USD" },
    });
    expect(breakGlassLimits({ amounts: null })).toBeNull();
  });
});

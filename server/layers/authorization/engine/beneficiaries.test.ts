import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../default-policy.ts";
import type { ScopePolicy, ScopeRule } from "../policy-schema.ts";
import { beneficiariesOf } from "./beneficiaries.ts";

const desk = { name: "desk", title: "Desk", members: ["one", "two"] };
const risk = { name: "risk", title: "Risk", members: ["three"] };
const BEFORE: ScopePolicy = { ...DEFAULT_POLICY, approverGroups: [desk, risk] };
const step = (from: string) => [{ title: "Decide", needs: [{ from, votes: 1 }] }];
const with_ = (change: Partial<ScopeRule>, policy = BEFORE): ScopePolicy => ({
  ...policy,
  scopes: policy.scopes.map((rule) => (rule.scope === "payments:execute" ? { ...rule, ...change } : rule)),
});
const sum = (from: string) => ({
  ...{ currency: "USD", max: "100" },
  escalation: { above: "50", withinSeconds: 60, steps: step(from) },
});
const glass = (change: Partial<ScopePolicy["breakGlass"]>, policy = BEFORE): ScopePolicy => ({
  ...policy,
  breakGlass: { ...policy.breakGlass, ...change },
});

describe("those to whom a change gives a say", () => {
  const armed = glass({ people: ["breaker"] });
  it.each<[string, ScopePolicy, ScopePolicy, string[]]>([
    ["nobody where nothing changes", BEFORE, BEFORE, []],
    [
      "new members of a group",
      BEFORE,
      { ...BEFORE, approverGroups: [{ ...desk, members: ["two", "in"] }, risk] },
      ["in"],
    ],
    ["whoever may break glass now", BEFORE, armed, ["breaker"]],
    ["members of a group that decides a scope now", BEFORE, with_({ steps: step("desk") }), ["one", "two"]],
    ["members of one that decides large sums now", BEFORE, with_({ amounts: sum("risk") }), ["three"]],
    [
      "nobody where a group decided it before",
      with_({ steps: step("desk") }),
      with_({ steps: step("desk"), title: "Pay" }),
      [],
    ],
    ["nobody where a group loses its say", with_({ steps: step("desk") }), BEFORE, []],
    ["all who break glass where it lasts longer", armed, glass({ secondsMax: 9_000 }, armed), ["breaker"]],
    [
      "all of them where it is reviewed later",
      armed,
      glass({ reviewWithinSeconds: 600_000 }, armed),
      ["breaker"],
    ],
    ["nobody where it lasts shorter", armed, glass({ secondsMax: 60 }, armed), []],
  ])("are %s", (_, before, after, people) => {
    expect(beneficiariesOf(before, after).sort()).toEqual(people);
  });

  it("are not the deciders of a scope that was not there: nobody loses one", () => {
    const scopes = BEFORE.scopes.map((rule) =>
      rule.scope === "payments:execute" ? { ...rule, scope: "payments:other", steps: step("desk") } : rule,
    );
    expect(beneficiariesOf(BEFORE, { ...BEFORE, scopes })).toEqual([]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PolicyChange } from "../change-schema.ts";
import { DEFAULT_POLICY } from "../default-policy.ts";
import { RISKS, type ScopePolicy, type ScopeRule, scopePolicy } from "../policy-schema.ts";
import { ACTIONS, anyPolicy } from "../testing/any-policy.ts";
import { compareAmount } from "./compare-amount.ts";
import { diffPolicies } from "./diff-policies.ts";
import { scopeForAction } from "./scope-for-action.ts";

/** The default policy with one scope's rule changed. */
function withScope(scope: string, as: Partial<ScopeRule>): ScopePolicy {
  const scopes = DEFAULT_POLICY.scopes.map((rule) => (rule.scope === scope ? { ...rule, ...as } : rule));
  return { ...DEFAULT_POLICY, scopes };
}
const votes = (...needs: [string, number][]) =>
  needs.map(([from, count]) => ({ title: "Step", needs: [{ from, votes: count }] }));
const effects = (changes: readonly PolicyChange[]) => changes.map(({ path, effect }) => `${effect} ${path}`);
const diffTo = (after: ScopePolicy) => effects(diffPolicies(DEFAULT_POLICY, after));

describe("a policy compared with itself", () => {
  it("differs in nothing, whatever the order of its scopes, groups, members and patterns", () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const turned: ScopePolicy = {
          ...policy,
          version: 7,
          scopes: policy.scopes.map((rule) => ({ ...rule, actions: rule.actions.toReversed() })).toReversed(),
          approverGroups: policy.approverGroups
            .map((group) => ({ ...group, members: group.members.toReversed() }))
            .toReversed(),
          clientAuth: policy.clientAuth.toReversed(),
        };
        expect(diffPolicies(policy, turned)).toEqual([]);
      }),
    );
  });
});

describe("which way a change goes", () => {
  it.each<[string, ScopePolicy, string[]]>([
    [
      "a risk lowered",
      withScope("payments:execute", { risk: "MEDIUM" }),
      ["loosens scopes/payments:execute/risk"],
    ],
    [
      "MEDIUM made HIGH, which no trust score guards",
      withScope("batch:process", { risk: "HIGH" }),
      ["loosens scopes/batch:process/risk"],
    ],
    [
      "fewer votes",
      withScope("payments:execute", { steps: votes(["approvers", 2]) }),
      ["tightens scopes/payments:execute/steps"],
    ],
    [
      "a named group where anybody could decide",
      {
        ...withScope("payments:execute", { steps: votes(["desk", 1]) }),
        approverGroups: [group("desk", [])],
      },
      ["tightens scopes/payments:execute/steps", "neutral approverGroups/desk"],
    ],
    [
      "a longer time",
      withScope("cloud:write", { secondsMax: 7_200 }),
      ["loosens scopes/cloud:write/secondsMax"],
    ],
    [
      "a shorter time",
      withScope("cloud:write", { secondsMax: 60 }),
      ["tightens scopes/cloud:write/secondsMax"],
    ],
    [
      "a person who may break glass",
      { ...DEFAULT_POLICY, breakGlass: { ...DEFAULT_POLICY.breakGlass, people: ["u1"] } },
      ["loosens breakGlass/people/u1"],
    ],
    [
      "a member of a group",
      { ...DEFAULT_POLICY, approverGroups: [group("desk", ["u1"])] },
      ["neutral approverGroups/desk", "loosens approverGroups/desk/members/u1"],
    ],
    ["a lower edge of trust", { ...DEFAULT_POLICY, mediumTrustAbove: 0.5 }, ["loosens mediumTrustAbove"]],
    ["a shorter life of tokens", { ...DEFAULT_POLICY, tokenSecondsMax: 60 }, ["tightens tokenSecondsMax"]],
    [
      "another way to prove oneself",
      { ...DEFAULT_POLICY, clientAuth: ["private_key_jwt", "tls_client_auth"] },
      ["loosens clientAuth/tls_client_auth"],
    ],
    [
      "a sum that limits approvals",
      withScope("payments:execute", { amounts: { currency: "USD", max: "10", escalation: null } }),
      ["tightens scopes/payments:execute/amounts"],
    ],
    ["a title", withScope("cloud:write", { title: "Other words" }), ["neutral scopes/cloud:write/title"]],
  ])("%s", (_, after, told) => {
    expect(diffTo(scopePolicy.parse(after))).toEqual(told);
  });

  it("a pattern that takes actions from a riskier scope loosens, and names both", () => {
    const read = DEFAULT_POLICY.scopes.find(({ scope }) => scope === "transactions:read");
    const after = withScope("transactions:read", {
      actions: [...(read?.actions ?? []), "payments.execute*"],
    });
    const [only, ...more] = diffPolicies(DEFAULT_POLICY, after);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ path: "actions/payments.execute*", effect: "loosens" });
    expect(only?.rule).toContain("payments:execute (HIGH)");
    expect(diffPolicies(after, DEFAULT_POLICY)).toMatchObject([{ effect: "tightens" }]);
  });

  it("a scope taken away tightens, yet its actions loosen where they fall to a scope that needs no approval", () => {
    const scopes = DEFAULT_POLICY.scopes.filter(({ scope }) => scope !== "cloud:secrets");
    const told = diffTo({ ...DEFAULT_POLICY, scopes });
    expect(told).toContain("tightens scopes/cloud:secrets");
    expect(told).toContain("loosens actions/secretsmanager:GetSecretValue");
  });

  it("a sum of escalation whose steps ask for less than the scope's own is no tightening", () => {
    const strict = withScope("payments:execute", { steps: votes(["approvers", 2]) });
    const weak = {
      currency: "USD",
      max: "10",
      escalation: { above: "5", withinSeconds: 60, steps: votes(["approvers", 1]) },
    };
    const scopes = strict.scopes.map((it) =>
      it.scope === "payments:execute" ? { ...it, amounts: weak } : it,
    );
    expect(effects(diffPolicies(strict, { ...strict, scopes }))).toEqual([
      "loosens scopes/payments:execute/amounts",
    ]);
  });

  it("a flood of patterns takes bounded time, and counts as loosening where it was not compared", () => {
    const flood = (letter: string) =>
      Array.from({ length: 12_000 }, (_, i) => `*${letter}*${String(i).padStart(6, "0")}*.x*${letter}*`);
    const [before, after] = ["a", "b"].map((letter): ScopePolicy => {
      const scopes = DEFAULT_POLICY.scopes.map((rule) => ({ ...rule, actions: [] as string[] }));
      const [first] = scopes;
      if (first) first.actions = flood(letter);
      return { ...DEFAULT_POLICY, scopes };
    });
    const started = performance.now();
    const changes = diffPolicies(before as ScopePolicy, after as ScopePolicy);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(changes).toHaveLength(24_000);
    expect(changes.at(-1)).toMatchObject({
      effect: "loosens",
      rule: expect.stringContaining("not compared"),
    });
  });

  it("a part that no rule knows counts as loosening, in the policy and in a scope", () => {
    const strange = { ...withScope("cloud:write", { newPart: 1 } as object), another: { deep: true } };
    expect(diffTo(strange as ScopePolicy)).toEqual(["loosens scopes/cloud:write/newPart", "loosens another"]);
  });
});

describe("any two policies", () => {
  it("every place where they differ is told", () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (before, after) => {
        const told = diffPolicies(before, after).map(({ path }) => path);
        for (const place of placesThatDiffer(before, after))
          expect(
            told.some((path) => place === path || place.startsWith(`${path}/`)),
            place,
          ).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("nothing is told twice, and nothing that is the same", () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (before, after) => {
        const changes = diffPolicies(before, after);
        expect(new Set(changes.map(({ path }) => path)).size).toBe(changes.length);
        for (const { before: was, after: is } of changes) expect(is).not.toEqual(was);
      }),
    );
  });

  it("what tightens one way loosens the other", () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (before, after) => {
        const back = new Map(diffPolicies(after, before).map((it) => [it.path, it.effect]));
        for (const { path, effect } of diffPolicies(before, after))
          if (effect === "tightens") expect(back.get(path), path).toBe("loosens");
          else if (effect === "neutral") expect(back.get(path), path).toBe("neutral");
      }),
      { numRuns: 300 },
    );
  });

  it("where anything became easier for an agent, a loosening is told", () => {
    const parts = ["scopes", "breakGlass", "mediumTrustAbove", "tokenSecondsMax"] as const;
    const oneScope = fc.nat({ max: 3 });
    let judged = 0;
    fc.assert(
      fc.property(anyPolicy, anyPolicy, fc.constantFrom(...parts), oneScope, (before, other, part, place) => {
        const scopes = before.scopes.map((it, i) => (i === place ? (other.scopes[place] ?? it) : it));
        for (const after of [
          { ...before, [part]: other[part] },
          {
            ...before,
            scopes: scopes.filter(({ scope }, i) => scopes.findIndex((it) => it.scope === scope) === i),
          },
        ]) {
          if (!scopePolicy.safeParse(after).success) continue;
          const loose = diffPolicies(before, after).filter(({ effect }) => effect === "loosens");
          const found = easier(before, after);
          if (found.length > 0) judged++;
          if (found.length > 0) expect(loose.length, found.join(", ")).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(judged).toBeGreaterThan(100);
  });

  it("where one part of a policy became easier, that part is not called tightening", () => {
    const loosened = (policy: ScopePolicy) =>
      fc.constantFrom<Partial<ScopePolicy>>(
        { mediumTrustAbove: policy.mediumTrustAbove / 2 },
        { tokenSecondsMax: policy.tokenSecondsMax + 1 },
        { approvalOpenSeconds: policy.approvalOpenSeconds + 1 },
        { breakGlass: { ...policy.breakGlass, people: [...policy.breakGlass.people, "u9"] } },
        { scopes: policy.scopes.map((it) => ({ ...it, secondsMax: it.secondsMax && it.secondsMax + 1 })) },
        { scopes: policy.scopes.map((it) => ({ ...it, steps: it.steps.map(fewerVotes) })) },
        { scopes: policy.scopes.map((it) => ({ ...it, steps: it.steps.slice(0, 1) })) },
        { scopes: policy.scopes.map((it) => ({ ...it, amounts: null })) },
      );
    fc.assert(
      fc.property(
        anyPolicy.chain((policy) => loosened(policy).map((part) => ({ policy, part }))),
        ({ policy, part }) => {
          for (const { effect, path } of diffPolicies(policy, { ...policy, ...part }))
            expect(effect, path).toBe("loosens");
        },
      ),
      { numRuns: 300 },
    );
  });
});

function group(name: string, members: string[]): ScopePolicy["approverGroups"][number] {
  return { name, title: "The desk", members };
}

function fewerVotes(step: ScopeRule["steps"][number]): ScopeRule["steps"][number] {
  return { ...step, needs: step.needs.map((need) => ({ ...need, votes: Math.max(1, need.votes - 1) })) };
}

/** Leaves of the two policies, keyed as people name them, whose values are not the same. */
function placesThatDiffer(before: ScopePolicy, after: ScopePolicy): string[] {
  const [was, is] = [leaves(before), leaves(after)];
  return [...new Set([...was.keys(), ...is.keys()])].filter((place) => was.get(place) !== is.get(place));
}

function leaves({ version: _, scopes, approverGroups, clientAuth, breakGlass, ...rest }: ScopePolicy) {
  const found = new Map<string, string>();
  const put = (place: string, value: unknown) => found.set(place, JSON.stringify(value));
  for (const [name, value] of Object.entries(rest)) put(name, value);
  for (const method of clientAuth) put(`clientAuth/${method}`, true);
  for (const { actions, ...rule } of scopes) {
    for (const pattern of actions) put(`actions/${pattern}`, rule.scope);
    for (const [name, value] of Object.entries(rule)) put(`scopes/${rule.scope}/${name}`, value);
  }
  for (const { name, title, members } of approverGroups) {
    put(`approverGroups/${name}/title`, title);
    for (const member of members) put(`approverGroups/${name}/members/${member}`, true);
  }
  for (const { people, ...times } of [breakGlass]) {
    for (const [name, value] of Object.entries(times)) put(`breakGlass/${name}`, value);
    for (const person of people) put(`breakGlass/people/${person}`, true);
  }
  return found;
}

/** What an agent, or somebody who helps it, finds easier: judged by what decides, not by how policies are compared. */
function easier(before: ScopePolicy, after: ScopePolicy): string[] {
  const found: string[] = [];
  const ruleOf = (policy: ScopePolicy, scope: string | null) =>
    policy.scopes.find((it) => it.scope === scope);
  for (const action of ACTIONS) {
    const [was, is] = [
      ruleOf(before, scopeForAction(before, action)),
      ruleOf(after, scopeForAction(after, action)),
    ];
    if (!is) continue;
    if (!was) found.push(`${action} was refused`);
    else if (RISKS.indexOf(is.risk) < RISKS.indexOf(was.risk)) found.push(`${action} is less risky`);
    else if (was.group !== "base" && is.group === "base") found.push(`${action} needs no approval`);
  }
  for (const rule of after.scopes) {
    const was = ruleOf(before, rule.scope);
    if (!was) continue;
    if (total(rule) < total(was)) found.push(`${rule.scope} needs fewer people`);
    if ((rule.secondsMax ?? Infinity) > (was.secondsMax ?? Infinity))
      found.push(`${rule.scope} lasts longer`);
    if (was.amounts && (!rule.amounts || compareAmount(rule.amounts.max, was.amounts.max) > 0))
      found.push(`${rule.scope} moves more`);
  }
  const alone = (policy: ScopePolicy) => policy.breakGlass.people;
  if (alone(after).some((id) => !alone(before).includes(id))) found.push("one more may break glass");
  if (after.mediumTrustAbove < before.mediumTrustAbove) found.push("less trust is enough");
  if (after.tokenSecondsMax > before.tokenSecondsMax) found.push("tokens live longer");
  return found;
}

function total({ steps }: ScopeRule): number {
  return steps.flatMap(({ needs }) => needs).reduce((sum, need) => sum + need.votes, 0);
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../default-policy.ts";
import type { ScopePolicy, ScopeRule } from "../policy-schema.ts";
import { anyPolicy } from "../testing/any-policy.ts";
import {
  type ActionsFact,
  type ApprovalFact,
  judgeActions,
  judgeApproval,
  judgeToken,
  linesOf,
  startDryRun,
  type TokenFact,
} from "./dry-run.ts";
import { votesMeetSteps } from "./votes-meet-steps.ts";

const AT = new Date("2026-11-23T12:00:00Z");
const SAID = { id: "r1", at: AT, agent: { id: "a1", name: "payer" } };
const withScope = (scope: string, as: Partial<ScopeRule>): ScopePolicy => ({
  ...DEFAULT_POLICY,
  scopes: DEFAULT_POLICY.scopes.map((rule) => (rule.scope === scope ? { ...rule, ...as } : rule)),
});
const without = (scope: string): ScopePolicy => ({
  ...DEFAULT_POLICY,
  scopes: DEFAULT_POLICY.scopes.filter((rule) => rule.scope !== scope),
});
const standing = (scope: string) => ({
  id: `g-${scope}`,
  scope,
  approvalId: null,
  breakGlassId: null,
  expiresAt: null,
  revokedAt: null,
});
const approved = (scope: string) => ({
  ...standing(scope),
  approvalId: "p1",
  breakGlassId: null,
  expiresAt: new Date(AT.getTime() + 600_000),
});

function tokenUnder(policy: ScopePolicy, as: Partial<TokenFact>) {
  const run = startDryRun(policy);
  judgeToken(run, { ...SAID, granted: [], refused: [], trust: null, lifeSeconds: 3_600, ...as });
  return { ...run, told: linesOf(run, 10).lines };
}

describe("a token", () => {
  const low = { granted: [{ scope: "cloud:read", grants: [standing("cloud:read")] }] };

  it("that would be decided alike is counted and not listed", () => {
    expect(tokenUnder(DEFAULT_POLICY, low)).toMatchObject({ tokens: { read: 1, refused: 0 }, told: [] });
  });

  it("for a scope that is gone, or that needs an approval now, would be refused by that rule", () => {
    expect(tokenUnder(without("cloud:read"), low).told).toMatchObject([
      { what: "cloud:read", was: "granted", outcome: "refused", rule: "scope_unknown", exampleId: "r1" },
    ]);
    const guarded = withScope("cloud:read", { group: "elevated", secondsMax: 60, risk: "HIGH" });
    expect(tokenUnder(guarded, low).told).toMatchObject([{ rule: "approval_needed" }]);
  });

  it("for a scope that is MEDIUM now hangs on the trust of then, and says so where that is not known", () => {
    const medium = withScope("payments:execute", { risk: "MEDIUM" });
    const high = { granted: [{ scope: "payments:execute", grants: [approved("payments:execute")] }] };
    expect(tokenUnder(medium, { ...high, trust: 0.9 })).toMatchObject({ told: [] });
    expect(tokenUnder(medium, { ...high, trust: 0.3 }).told).toMatchObject([{ rule: "trust_too_low" }]);
    expect(tokenUnder(medium, high)).toMatchObject({ tokens: { unknown: 1, refused: 0 }, told: [] });
  });

  it("that trust alone refused would be given where less is enough; every other refusal stays", () => {
    const refused = (rule: string) => ({ refused: [{ scope: "batch:process", rule }], trust: 0.7 });
    const lower = { ...DEFAULT_POLICY, mediumTrustAbove: 0.6 };
    expect(tokenUnder(lower, refused("trust_too_low")).told).toMatchObject([{ outcome: "allowed" }]);
    expect(tokenUnder({ ...lower, mediumTrustAbove: 0.7 }, refused("trust_too_low")).told).toEqual([]);
    for (const rule of ["agent_not_in_service", "approval_needed", "not_covered_by_parent", "scope_unknown"])
      expect(tokenUnder(lower, refused(rule)).told, rule).toEqual([]);
  });

  it("that lived longer than tokens may is counted", () => {
    expect(tokenUnder({ ...DEFAULT_POLICY, tokenSecondsMax: 600 }, low).shorterTokens).toBe(1);
    expect(tokenUnder(DEFAULT_POLICY, low).shorterTokens).toBe(0);
  });
});

describe("a request for an approval", () => {
  const ASKED: ApprovalFact = {
    ...{ ...SAID, scope: "payments:execute", durationSeconds: 3_600, limits: null },
    ...{ status: "approved", approvedBy: ["u1"] },
  };
  const under = (policy: ScopePolicy, as: Partial<ApprovalFact> = {}) => {
    const run = startDryRun(policy);
    judgeApproval(run, { ...ASKED, ...as });
    return linesOf(run, 10).lines.map(({ rule, outcome }) => `${outcome} ${rule}`);
  };
  const votes = (from: string, count: number): Partial<ScopeRule> => ({
    steps: [{ title: "Step", needs: [{ from, votes: count }] }],
  });
  const base: Partial<ScopeRule> = { risk: "LOW", group: "base", secondsMax: null, steps: [] };
  const sum = { currency: "USD", max: "100", escalation: null };
  type Escalation = NonNullable<ScopeRule["amounts"]>["escalation"];
  const escalation = {
    ...{ above: "50", withinSeconds: 3_600 },
    steps: [{ title: "Two", needs: [{ from: "approvers", votes: 2 }] }],
  };
  const summed = (as: Escalation = null) =>
    withScope("payments:execute", { amounts: { ...sum, escalation: as } });
  const asking = (max: string, currency = "USD") => ({ limits: { amount: { max, currency } } });

  it.each<[string, ScopePolicy, Partial<ApprovalFact>, string[]]>([
    ["decided alike", DEFAULT_POLICY, {}, []],
    ["too few votes", withScope("payments:execute", votes("approvers", 2)), {}, ["refused votes_missing"]],
    [
      "enough of them",
      withScope("payments:execute", votes("approvers", 2)),
      { approvedBy: ["u1", "u2"] },
      [],
    ],
    [
      "nobody of the group",
      { ...withScope("payments:execute", votes("desk", 1)), approverGroups: [] },
      {},
      ["refused votes_missing"],
    ],
    ["too long", withScope("payments:execute", { secondsMax: 60 }), {}, ["refused duration_too_long"]],
    ["a scope that is gone", without("payments:execute"), {}, ["refused scope_unknown"]],
    ["a scope nobody is asked for", withScope("payments:execute", base), {}, ["refused scope_is_standing"]],
    [
      "too high a sum",
      withScope("payments:execute", { amounts: sum }),
      { limits: { amount: { max: "100.01", currency: "USD" } } },
      ["refused amount_too_high"],
    ],
    [
      "a sum within it",
      withScope("payments:execute", { amounts: sum }),
      { limits: { amount: { max: "100.00", currency: "USD" } } },
      [],
    ],
    ["no sum where one is needed now", summed(), {}, ["refused amount_unstated"]],
    ["a sum in another currency", summed(), asking("1", "EUR"), ["refused amount_currency"]],
    ["a sum that is decided by more people now", summed(escalation), asking("51"), ["refused votes_missing"]],
    ["a sum that is not", summed(escalation), asking("50"), []],
    ["one vote short then", DEFAULT_POLICY, { status: "expired" }, ["allowed votes_enough"]],
    ["denied then", DEFAULT_POLICY, { status: "denied" }, []],
    ["nobody voted", DEFAULT_POLICY, { status: "expired", approvedBy: [] }, []],
  ])("%s", (_, policy, as, told) => {
    expect(under(policy, as)).toEqual(told);
  });
});

describe("reported actions", () => {
  const REPORT: ActionsFact = {
    ...SAID,
    policy: DEFAULT_POLICY,
    actions: { "transactions.read": 7, "payments.execute": 2 },
    scopes: ["transactions:read"],
  };
  const under = (policy: ScopePolicy, as: Partial<ActionsFact> = {}) => {
    const run = startDryRun(policy);
    judgeActions(run, { ...REPORT, ...as });
    return { tally: run.actions, told: linesOf(run, 10).lines };
  };
  const read = DEFAULT_POLICY.scopes.find(({ scope }) => scope === "transactions:read");
  const moved = withScope("transactions:read", {
    actions: read?.actions.filter((it) => it !== "transactions.read*") ?? [],
  });

  it("that need the scope they had are counted and not listed", () => {
    expect(under(DEFAULT_POLICY)).toEqual({
      tally: { read: 9, refused: 0, allowed: 0, otherScope: 0, unknown: 0 },
      told: [],
    });
  });

  it("that need a scope which the token did not carry would be refused; with it, another scope covers them", () => {
    expect(under(moved)).toMatchObject({
      tally: { refused: 7 },
      told: [{ what: "transactions.read", was: "transactions:read", would: "transactions:modify", count: 7 }],
    });
    const both = { scopes: ["transactions:read", "transactions:modify"] };
    expect(under(moved, both)).toMatchObject({
      tally: { otherScope: 7 },
      told: [{ outcome: "other-scope" }],
    });
  });

  it("that no scope covers any more would be refused as unmapped", () => {
    const gone = { ...moved, scopes: moved.scopes.filter(({ scope }) => scope !== "transactions:modify") };
    expect(under(gone).told).toMatchObject([
      { rule: "action_unmapped", would: "no scope", outcome: "refused" },
    ]);
  });

  it("that were refused and would be covered are told as allowed", () => {
    const wide = withScope("transactions:read", { actions: [...(read?.actions ?? []), "payments.execute"] });
    expect(under(wide).told).toMatchObject([{ what: "payments.execute", outcome: "allowed", count: 2 }]);
  });

  it("whose token or version is not known are counted as unknown, never as unchanged", () => {
    expect(under(moved, { scopes: null }).tally).toMatchObject({ read: 9, unknown: 9 });
    expect(under(moved, { policy: null }).tally).toMatchObject({ unknown: 9 });
  });

  it("of a flood of invented names take bounded memory, and what is left out is counted", () => {
    const run = startDryRun(without("transactions:modify"));
    const names = Array.from({ length: 6_000 }, (_, i) => [`transactions.odd${i}`, 1] as const);
    const scopes = ["transactions:modify"];
    judgeActions(run, { ...REPORT, scopes, actions: Object.fromEntries(names) });
    expect(run.lines.size).toBe(5_000);
    const { lines, beyondLines } = linesOf(run, 10);
    expect(lines.length + beyondLines).toBe(6_000);
    expect(run.actions.refused).toBe(6_000);
  });
});

it("under the policy that decided, nothing would have gone otherwise", () => {
  fc.assert(
    fc.property(
      anyPolicy,
      fc.array(fc.constantFrom("x.read", "y.go", "s3:GetObject", "plain")),
      (policy, names) => {
        const run = startDryRun(policy);
        const actions = Object.fromEntries(names.map((name) => [name, 1]));
        const scopes = policy.scopes.map(({ scope }) => scope);
        judgeActions(run, { ...SAID, policy, actions, scopes });
        judgeToken(run, {
          ...{ ...SAID, refused: [], trust: 1, lifeSeconds: policy.tokenSecondsMax },
          granted: policy.scopes.map(({ scope }) => ({ scope, grants: [approved(scope)] })),
        });
        expect(linesOf(run, 10)).toEqual({ lines: [], beyondLines: 0 });
      },
    ),
  );
});

it("lines say when it first and last would have been so", () => {
  const run = startDryRun(without("cloud:read"));
  const fact = {
    ...SAID,
    granted: [{ scope: "cloud:read", grants: [] }],
    refused: [],
    trust: null,
    lifeSeconds: 1,
  };
  for (const minutes of [0, 5, -5])
    judgeToken(run, { ...fact, at: new Date(AT.getTime() + minutes * 60_000) });
  expect(linesOf(run, 1).lines).toMatchObject([
    { count: 3, firstAt: new Date(AT.getTime() - 300_000), lastAt: new Date(AT.getTime() + 300_000) },
  ]);
});

describe("votes that meet steps", () => {
  const groups = [
    { name: "desk", title: "Desk", members: ["a", "b"] },
    { name: "risk", title: "Risk", members: ["b"] },
  ];
  const steps = (...needs: [string, number][]) =>
    needs.map(([from, votes]) => ({ title: "Step", needs: [{ from, votes }] }));

  it.each<[string[], [string, number][], boolean]>([
    [
      ["a", "b"],
      [
        ["desk", 1],
        ["risk", 1],
      ],
      true,
    ],
    [
      ["b", "a"],
      [
        ["desk", 1],
        ["risk", 1],
      ],
      true,
    ],
    [
      ["b"],
      [
        ["desk", 1],
        ["risk", 1],
      ],
      false,
    ],
    [
      ["a", "c"],
      [
        ["desk", 1],
        ["risk", 1],
      ],
      false,
    ],
    [
      ["a", "b", "c"],
      [
        ["approvers", 1],
        ["desk", 2],
      ],
      true,
    ],
    [
      ["a", "b"],
      [
        ["approvers", 1],
        ["desk", 2],
      ],
      false,
    ],
    [[], [], true],
  ])("%j for %j: %s", (voters, needs, enough) => {
    expect(votesMeetSteps(voters, steps(...needs), groups)).toBe(enough);
  });

  it("is what trying every order of the voters finds", () => {
    const voter = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 });
    const need = fc.tuple(fc.constantFrom("approvers", "desk", "risk"), fc.integer({ min: 1, max: 2 }));
    fc.assert(
      fc.property(voter, fc.array(need, { maxLength: 3 }), (voters, needs) => {
        const places = needs.flatMap(([from, votes]) => Array.from({ length: votes }, () => from));
        const fits = (who: string, from: string) =>
          from === "approvers" || groups.some(({ name, members }) => name === from && members.includes(who));
        const tried = orders(voters).some((order) =>
          places.every((from, i) => order[i] !== undefined && fits(order[i], from)),
        );
        expect(votesMeetSteps(voters, steps(...needs), groups)).toBe(tried);
      }),
    );
  });
});

function orders(of: readonly string[]): string[][] {
  if (of.length === 0) return [[]];
  return of.flatMap((first) => orders(of.filter((it) => it !== first)).map((rest) => [first, ...rest]));
}

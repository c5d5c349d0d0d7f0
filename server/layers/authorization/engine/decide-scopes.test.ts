import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../default-policy.ts";
import { decideScopes, type Elder, type GrantFacts, type ScopeFacts } from "./decide-scopes.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const ALL = DEFAULT_POLICY.scopes.map((rule) => rule.scope);

function grant(scope: string, as: Partial<GrantFacts> = {}): GrantFacts {
  return {
    ...{ id: `g-${scope}`, scope, approvalId: null, breakGlassId: null, expiresAt: null, revokedAt: null },
    ...as,
  };
}
const approved = (scope: string, as: Partial<GrantFacts> = {}) =>
  grant(scope, { approvalId: "a", expiresAt: later(600), ...as });

const AGENT = { kind: "agent", status: "active", banned: false };

function decide(requested: string[], grants: GrantFacts[], as: Partial<ScopeFacts> = {}) {
  return decideScopes({
    ...{ policy: DEFAULT_POLICY, agent: AGENT, above: [], trust: null, now: NOW },
    ...{ requested, grants },
    ...as,
  });
}
const rules = (decision: ReturnType<typeof decide>) => decision.refused.map((it) => it.rule);

describe("LOW", () => {
  it("is given where it stands, and refused where it was not granted", () => {
    const decision = decide(["transactions:read", "alerts:create"], [grant("transactions:read")]);
    expect(decision.granted).toEqual([
      {
        scope: "transactions:read",
        grantIds: ["g-transactions:read"],
        limits: null,
        restsOn: [],
        expiresAt: null,
      },
    ]);
    expect(decision.refused).toMatchObject([{ scope: "alerts:create", rule: "not_granted" }]);
  });
});

describe("MEDIUM", () => {
  const held = [approved("transactions:modify")];
  it.each([
    [0.8, "trust_too_low"],
    [0.7999, "trust_too_low"],
    [0, "trust_too_low"],
    [Number.NaN, "trust_too_low"],
    [null, "trust_too_low"],
    [0.8001, undefined],
    [1, undefined],
  ])("at trust %s: %s", (trust, rule) =>
    expect(rules(decide(["transactions:modify"], held, { trust }))[0]).toBe(rule),
  );

  it("is not given for trust alone, or for a standing grant that nobody approved", () => {
    expect(rules(decide(["transactions:modify"], [], { trust: 1 }))).toEqual(["approval_needed"]);
    const standing = [grant("transactions:modify")];
    expect(rules(decide(["transactions:modify"], standing, { trust: 1 }))).toEqual(["approval_needed"]);
  });
});

describe("a grant that somebody broke glass for", () => {
  const broken = (as: Partial<GrantFacts> = {}) =>
    approved("payments:execute", { approvalId: null, breakGlassId: "b", ...as });

  it("counts as one that was approved, until its end", () => {
    expect(decide(["payments:execute"], [broken()]).granted).toMatchObject([{ expiresAt: later(600) }]);
    for (const over of [{ expiresAt: null }, { expiresAt: NOW }, { revokedAt: NOW }, { breakGlassId: null }])
      expect(rules(decide(["payments:execute"], [broken(over)]))).toEqual(["approval_needed"]);
  });
});

describe("HIGH", () => {
  const asked = ["payments:execute"];
  it("needs a grant that an approval gave, that lives and that is not revoked", () => {
    expect(decide(asked, [approved("payments:execute")]).granted).toHaveLength(1);
    expect(rules(decide(asked, [], { trust: 1 }))).toEqual(["approval_needed"]);
    expect(rules(decide(asked, [grant("payments:execute")]))).toEqual(["approval_needed"]);
    expect(rules(decide(asked, [grant("payments:execute", { approvalId: "a" })]))).toEqual([
      "approval_needed",
    ]);
    expect(rules(decide(asked, [approved("payments:execute", { revokedAt: NOW })]))).toEqual([
      "approval_needed",
    ]);
    expect(rules(decide(asked, [approved("customer:sensitive_data")]))).toEqual(["approval_needed"]);
  });

  it.each([
    [0, "approval_needed"],
    [0.999, "approval_needed"],
    [-1, "approval_needed"],
    [1, undefined],
  ])("with %s s of its grant left: %s", (left, rule) =>
    expect(rules(decide(asked, [approved("payments:execute", { expiresAt: later(left) })]))[0]).toBe(rule),
  );

  it("takes the grant that lives longest", () => {
    const grants = [60, 600, 120].map((s) =>
      approved("payments:execute", { id: `g${s}`, expiresAt: later(s) }),
    );
    expect(decide(asked, grants).granted).toEqual([
      { scope: "payments:execute", grantIds: ["g600"], limits: null, restsOn: [], expiresAt: later(600) },
    ]);
  });
});

it.each(["registered", "contained", "suspended", "retired", "anything"])(
  "an agent that is %s gets nothing",
  (status) => {
    const grants = ALL.map((scope) => approved(scope));
    const decision = decide(ALL, grants, { trust: 1, agent: { ...AGENT, status } });
    expect(decision.granted).toEqual([]);
    expect(new Set(rules(decision))).toEqual(new Set(["agent_not_in_service"]));
  },
);

it("a banned agent gets nothing, whatever its status", () => {
  const decision = decide(["transactions:read"], [grant("transactions:read")], {
    agent: { ...AGENT, banned: true },
  });
  expect(rules(decision)).toEqual(["agent_not_in_service"]);
});

describe("whatever is asked and held", () => {
  const anyGrant = fc.record<GrantFacts>({
    id: fc.uuid(),
    scope: fc.constantFrom(...ALL),
    approvalId: fc.option(fc.uuid()),
    breakGlassId: fc.option(fc.uuid()),
    expiresAt: fc.option(fc.integer({ min: -5, max: 5 }).map(later)),
    revokedAt: fc.option(fc.constant(NOW)),
  });
  const facts = fc.record({
    requested: fc.array(fc.constantFrom(...ALL, "no:such", "openid")),
    grants: fc.array(anyGrant, { maxLength: 12 }),
    trust: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  });

  it("each scope is answered once, granted or refused with a reason", () => {
    fc.assert(
      fc.property(facts, ({ requested, grants, trust }) => {
        const { granted, refused } = decide(requested, grants, { trust });
        const answered = [...granted, ...refused].map((it) => it.scope).sort();
        expect(answered).toEqual([...new Set(requested)].sort());
        expect(refused.every((it) => it.reason.endsWith("."))).toBe(true);
      }),
    );
  });

  it("nothing is granted without a live grant of that very scope, nothing above LOW without an approval and an end", () => {
    fc.assert(
      fc.property(facts, ({ requested, grants, trust }) => {
        for (const it of decide(requested, grants, { trust }).granted) {
          const used = grants.find((candidate) => it.grantIds.includes(candidate.id));
          const rule = DEFAULT_POLICY.scopes.find((candidate) => candidate.scope === it.scope);
          expect(used).toMatchObject({ scope: it.scope, revokedAt: null });
          if (it.expiresAt) expect(it.expiresAt > NOW).toBe(true);
          if (rule?.risk !== "LOW")
            expect((used?.approvalId ?? used?.breakGlassId) && it.expiresAt).toBeTruthy();
          if (rule?.risk === "MEDIUM") expect(trust).toBeGreaterThan(0.8);
        }
      }),
    );
  });
});

describe("a child", () => {
  const scope = "transactions:read";
  const own = [grant(scope)];
  const elder = (name: string, grants: GrantFacts[], as: Partial<Elder> = {}): Elder => ({
    ...{ name, status: "active", banned: false, grants },
    ...as,
  });
  const covering = (id: string, as: Partial<GrantFacts> = {}) => grant(scope, { id, ...as });

  it("gets what it and everybody above it hold, and its token rests on all of their grants", () => {
    const above = [elder("parent", [covering("p")]), elder("eldest", [covering("e")])];
    expect(decide([scope], own, { above }).granted).toEqual([
      { scope, grantIds: [`g-${scope}`], limits: null, restsOn: ["p", "e"], expiresAt: null },
    ]);
  });

  it.each([
    ["was never granted it", []],
    ["had it taken back", [covering("p", { revokedAt: NOW })]],
    ["had it until just now", [covering("p", { expiresAt: NOW })]],
    ["holds another", [grant("alerts:create")]],
  ])("is refused what its parent %s, and is told whose it is to have", (_, held) => {
    const decision = decide([scope], own, { above: [elder("parent-7", held)] });
    expect(decision.granted).toEqual([]);
    expect(rules(decision)).toEqual(["not_covered_by_parent"]);
    expect(decision.refused[0]?.reason).toContain("parent-7");
  });

  it("is refused what anybody further up does not hold", () => {
    const above = [elder("parent", [covering("p")]), elder("eldest", [])];
    expect(decide([scope], own, { above }).refused[0]?.reason).toContain("eldest");
  });

  it("gets nothing that it does not hold itself, whatever its parent holds", () => {
    expect(rules(decide([scope], [], { above: [elder("p", [covering("p")])] }))).toEqual(["not_granted"]);
  });

  it("is not sent to an approver for what its parent does not hold", () => {
    const decision = decide(["payments:execute"], [], { above: [elder("p", [])] });
    expect(rules(decision)).toEqual(["not_covered_by_parent"]);
  });

  it("gets it no longer than the first of these grants lasts, its own or one above", () => {
    const ends = (seconds: number) => ({ id: `e${seconds}`, expiresAt: later(seconds) });
    const asked = ["payments:execute"];
    const held = [approved("payments:execute", ends(300))];
    const end = (above: Elder[]) => decide(asked, held, { above }).granted[0]?.expiresAt;
    expect(end([elder("p", [approved("payments:execute", ends(90))])])).toEqual(later(90));
    expect(end([elder("p", [approved("payments:execute", ends(900))])])).toEqual(later(300));
    const both = [approved("payments:execute", ends(60)), approved("payments:execute", ends(200))];
    expect(end([elder("p", both)])).toEqual(later(200));
  });

  it.each([{ status: "contained" }, { status: "suspended" }, { status: "retired" }, { banned: true }])(
    "gets nothing while its parent is %j",
    (as) => {
      const decision = decide([scope, "alerts:create"], own, { above: [elder("p", [covering("p")], as)] });
      expect(rules(decision)).toEqual(["parent_not_in_service", "parent_not_in_service"]);
    },
  );

  it("never has more than all above it hold live, whatever anybody was granted", () => {
    const anyGrant = fc.record<GrantFacts>({
      id: fc.uuid(),
      scope: fc.constantFrom(...ALL),
      approvalId: fc.option(fc.uuid()),
      breakGlassId: fc.option(fc.uuid()),
      expiresAt: fc.option(fc.integer({ min: -5, max: 5 }).map(later)),
      revokedAt: fc.option(fc.constant(NOW)),
    });
    const anyElder = fc.record({
      name: fc.constant("elder"),
      status: fc.constantFrom("active", "enrolled", "contained"),
      banned: fc.boolean(),
      grants: fc.array(anyGrant, { maxLength: 8 }),
    });
    fc.assert(
      fc.property(fc.array(anyGrant), fc.array(anyElder, { maxLength: 3 }), (held, above) => {
        const { granted } = decide(ALL, held, { above, trust: 1 });
        for (const it of granted) {
          expect(it.restsOn).toHaveLength(above.length);
          for (const [at, one] of above.entries()) {
            const cover = one.grants.find(({ id }) => id === it.restsOn[at]);
            expect(cover).toMatchObject({ scope: it.scope, revokedAt: null });
            if (cover?.expiresAt) expect(it.expiresAt && it.expiresAt <= cover.expiresAt).toBe(true);
          }
        }
        if (above.some((one) => one.banned || one.status === "contained")) expect(granted).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

it("a resource server gets no token, whatever stands granted to it", () => {
  const agent = { ...AGENT, kind: "resource-server" };
  expect(rules(decide(["transactions:read"], [grant("transactions:read")], { agent }))).toEqual([
    "resource_server",
  ]);
});

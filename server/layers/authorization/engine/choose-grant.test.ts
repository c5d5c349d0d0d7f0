import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../default-policy.ts";
import { chooseCover, chooseGrant, countingGrants, type GrantFacts } from "./choose-grant.ts";
import { decideScopes, type Elder } from "./decide-scopes.ts";
import { isAtMostAsWide, type Limits, NOTHING, readLimits } from "./narrow-limits.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const RULE = DEFAULT_POLICY.scopes.find(({ scope }) => scope === "payments:execute") ?? expect.fail();
const grant = (id: string, seconds: number, limits: unknown = null): GrantFacts => ({
  ...{ id, scope: RULE.scope, approvalId: "a", breakGlassId: null, revokedAt: null, limits },
  expiresAt: new Date(NOW.getTime() + seconds * 1000),
});
const usd = (max: string) => ({ amount: { max, currency: "USD" } });
const counting = (...grants: GrantFacts[]) => countingGrants(grants, RULE, NOW);

describe("of several grants of one scope", () => {
  it("the one that ends last comes first, of two that end together the newer, however they are listed", () => {
    const grants = [grant("g1", 60), grant("g3", 600), grant("g2", 600)];
    expect(counting(...grants).map(({ id }) => id)).toEqual(["g3", "g2", "g1"]);
    expect(counting(...grants.reverse()).map(({ id }) => id)).toEqual(["g3", "g2", "g1"]);
  });

  it("a token takes the first where nothing is asked for, with its limits", () => {
    const grants = counting(grant("long", 600, usd("5")), grant("short", 60, usd("50")));
    expect(chooseGrant(grants, null)).toMatchObject({ grant: { id: "long" }, limits: usd("5.00") });
  });

  it("a token takes the first that covers what was asked for", () => {
    const grants = counting(grant("long", 600, usd("5")), grant("short", 60, usd("50")));
    expect(chooseGrant(grants, usd("5"))).toMatchObject({ grant: { id: "long" } });
    expect(chooseGrant(grants, usd("5.01"))).toMatchObject({ grant: { id: "short" }, limits: usd("5.01") });
    expect(chooseGrant(grants, usd("50.01"))).toBeNull();
    expect(chooseGrant(counting(grant("free", 60)), usd("50.01"))).toMatchObject({ limits: usd("50.01") });
  });

  it("only those count that an approval gave, or somebody who broke glass, and that end", () => {
    const standing = { ...grant("s", 60), approvalId: null };
    const glass = { ...standing, id: "b", breakGlassId: "use" };
    const endless = { ...glass, id: "e", expiresAt: null };
    expect(counting(standing, glass, endless).map(({ id }) => id)).toEqual(["b"]);
  });

  it("one whose limits cannot be read, or leave nothing, gives nothing", () => {
    expect(chooseGrant(counting(grant("g", 60, { amount: 5 })), null)).toBeNull();
    expect(chooseGrant(counting(grant("g", 60, NOTHING)), null)).toBeNull();
    expect(chooseGrant(counting(grant("b", 600, "x"), grant("g", 60)), null)).toMatchObject({
      grant: { id: "g" },
    });
  });

  it("a child's token rests on the one that covers it all, or else on the first that leaves something", () => {
    const own = usd("20.00");
    const wide = [grant("small", 600, usd("10")), grant("large", 60, usd("30"))];
    expect(chooseCover(counting(...wide), own)).toMatchObject({ grant: { id: "large" }, limits: own });
    expect(chooseCover(counting(grant("small", 600, usd("10"))), own)).toMatchObject({
      limits: usd("10.00"),
    });
    const euros = grant("other", 600, { amount: { max: "1", currency: "EUR" } });
    expect(chooseCover(counting(euros), own)).toBeNull();
    expect(chooseCover(counting(euros, grant("small", 60, usd("1"))), own)).toMatchObject({
      grant: { id: "small" },
    });
  });
});

describe("a token's limits", () => {
  const elder = (name: string, ...grants: GrantFacts[]): Elder => ({
    ...{ name, status: "active", banned: false, grants },
  });
  const decide = (grants: GrantFacts[], wanted: Limits, above: Elder[] = []) =>
    decideScopes({
      ...{ policy: DEFAULT_POLICY, agent: { kind: "agent", status: "active", banned: false } },
      ...{ above, grants, trust: null, now: NOW, requested: [RULE.scope] },
      asked: new Map(wanted ? [[RULE.scope, wanted]] : []),
    });

  it("that are wider than granted are refused, with the grant named", () => {
    const { granted, refused } = decide([grant("g1", 60, usd("5"))], usd("6"));
    expect(granted).toEqual([]);
    expect(refused).toMatchObject([{ rule: "wider_than_granted", reason: expect.stringContaining("g1") }]);
  });

  it("are refused where no grant lives, as what a person must approve", () => {
    expect(decide([], usd("6")).refused).toMatchObject([{ rule: "approval_needed" }]);
  });

  it("are narrowed by everybody above a child, on whose grants the token rests", () => {
    const above = [
      elder("parent", grant("p1", 600, { ...usd("10"), resources: ["/a/*"] })),
      elder("eldest", grant("e1", 600, usd("7"))),
    ];
    expect(decide([grant("g1", 60, usd("20"))], null, above).granted).toMatchObject([
      { limits: { ...usd("7.00"), resources: ["/a/*"] }, grantIds: ["g1"], restsOn: ["p1", "e1"] },
    ]);
    expect(decide([grant("g1", 60)], null, above).granted).toMatchObject([
      { limits: { ...usd("7.00"), resources: ["/a/*"] } },
    ]);
  });

  it("wider than those above a child hold are refused where they were asked for", () => {
    const above = [elder("parent", grant("p1", 600, usd("10")))];
    expect(decide([grant("g1", 60, usd("20"))], usd("11"), above).refused).toMatchObject([
      { rule: "wider_than_granted" },
    ]);
    expect(decide([grant("g1", 60, usd("20"))], usd("10"), above).granted).toHaveLength(1);
  });

  it("that share nothing with a parent's give nothing", () => {
    const above = [elder("parent", grant("p1", 600, { resources: ["/b/*"] }))];
    expect(decide([grant("g1", 60, { resources: ["/a/*"] })], null, above).refused).toMatchObject([
      { rule: "not_covered_by_parent", reason: expect.stringContaining("parent") },
    ]);
  });

  it("are never wider than the agent's grant, any of its parents', or what was asked for", () => {
    const any = fc
      .option(
        fc.record({
          max: fc.integer({ min: 1, max: 9 }).map(String),
          currency: fc.constantFrom("USD", "EUR"),
        }),
      )
      .map((amount) => (amount ? { amount } : null));
    const grants = fc.array(any, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(grants, grants, any, (own, parents, wanted) => {
        const mine = own.map((limits, n) => grant(`g${n}`, 60 * (n + 1), limits));
        const theirs = parents.map((limits, n) => grant(`p${n}`, 60 * (n + 1), limits));
        for (const { limits, grantIds, restsOn } of decide(mine, wanted, [elder("p", ...theirs)]).granted) {
          const rests = [...mine, ...theirs].filter(({ id }) => [...grantIds, ...restsOn].includes(id));
          expect(rests).toHaveLength(2);
          for (const { limits: held } of rests) expect(isAtMostAsWide(limits, readLimits(held))).toBe(true);
          expect(isAtMostAsWide(limits, readLimits(wanted))).toBe(true);
        }
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../default-policy.ts";
import { type ApprovalStep, scopePolicy } from "../policy-schema.ts";
import { compareAmount } from "./compare-amount.ts";
import { compareSteps, contains } from "./compare-steps.ts";
import { policyDigest, proposalDigest } from "./policy-digest.ts";
import { votesMeetSteps } from "./votes-meet-steps.ts";

const steps = (...of: [string, number][][]): ApprovalStep[] =>
  of.map((needs, i) => ({ title: `Step ${i}`, needs: needs.map(([from, votes]) => ({ from, votes })) }));
const effect = (before: ApprovalStep[], after: ApprovalStep[]) => compareSteps(before, after).effect;
const ONE = steps([["approvers", 1]]);

describe("who decides", () => {
  it.each<[string, ApprovalStep[], ApprovalStep[], string]>([
    ["one more vote", ONE, steps([["approvers", 2]]), "tightens"],
    ["one vote fewer", steps([["approvers", 2]]), ONE, "loosens"],
    ["a group for anybody", ONE, steps([["desk", 1]]), "tightens"],
    ["anybody for a group", steps([["desk", 1]]), ONE, "loosens"],
    ["another group", steps([["desk", 1]]), steps([["risk", 1]]), "loosens"],
    ["a step behind", ONE, steps([["approvers", 1]], [["risk", 1]]), "tightens"],
    ["a step before", ONE, steps([["risk", 1]], [["approvers", 1]]), "tightens"],
    ["a step less", steps([["approvers", 1]], [["risk", 1]]), ONE, "loosens"],
    ["the order turned", steps([["desk", 1]], [["risk", 1]]), steps([["risk", 1]], [["desk", 1]]), "loosens"],
    [
      "two steps in one",
      steps([["desk", 1]], [["risk", 1]]),
      steps([
        ["desk", 1],
        ["risk", 1],
      ]),
      "loosens",
    ],
    [
      "one step in two",
      steps([
        ["desk", 1],
        ["risk", 1],
      ]),
      steps([["desk", 1]], [["risk", 1]]),
      "tightens",
    ],
    [
      "one group for two needs",
      steps([
        ["desk", 1],
        ["approvers", 1],
      ]),
      steps([["desk", 2]]),
      "tightens",
    ],
    [
      "needs in another order",
      steps([
        ["desk", 1],
        ["risk", 1],
      ]),
      steps([
        ["risk", 1],
        ["desk", 1],
      ]),
      "neutral",
    ],
    [
      "votes written apart",
      steps([["desk", 2]]),
      steps([
        ["desk", 1],
        ["desk", 1],
      ]),
      "neutral",
    ],
    ["nobody asked any more", ONE, [], "loosens"],
    ["somebody asked now", [], ONE, "tightens"],
  ])("%s", (_, before, after, told) => {
    expect(effect(before, after)).toBe(told);
  });

  it("a title alone changes nothing", () => {
    const renamed = ONE.map((step) => ({ ...step, title: "Other" }));
    expect(compareSteps(ONE, renamed)).toMatchObject({
      effect: "neutral",
      rule: expect.stringContaining("titles"),
    });
  });
});

describe("steps that contain others", () => {
  const need = fc.record({
    from: fc.constantFrom("approvers", "desk", "risk"),
    votes: fc.integer({ min: 1, max: 2 }),
  });
  const step = fc.record({
    title: fc.constant("Step"),
    needs: fc.array(need, { minLength: 1, maxLength: 2 }),
  });
  const some = fc.array(step, { maxLength: 3 });
  const people = ["a", "b", "c", "d", "e", "f", "g"];
  const groups = fc.tuple(fc.subarray(people), fc.subarray(people)).map(([desk, risk]) => [
    { name: "desk", title: "Desk", members: desk },
    { name: "risk", title: "Risk", members: risk },
  ]);

  it("are met by no votes that do not meet those, whoever is in the groups and in whatever order they vote", () => {
    let compared = 0;
    fc.assert(
      fc.property(some, some, groups, fc.shuffledSubarray(people), (strict, lax, members, order) => {
        if (!contains(strict, lax) || !metInOrder(order, strict, members)) return;
        compared++;
        expect(metInOrder(order, lax, members)).toBe(true);
      }),
      { numRuns: 4_000 },
    );
    expect(compared).toBeGreaterThan(50);
  });

  it("contain themselves, and what they contain contains", () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        expect(contains(a, a)).toBe(true);
        if (contains(a, b) && contains(b, c)) expect(contains(a, c)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  /** Whether votes in this order meet the steps one after the other: tried at every place where a step may end. */
  function metInOrder(
    order: readonly string[],
    wanted: readonly ApprovalStep[],
    members: Parameters<typeof votesMeetSteps>[2],
  ): boolean {
    const [first, ...rest] = wanted;
    if (!first) return true;
    return Array.from({ length: order.length + 1 }, (_, end) => end).some(
      (end) =>
        votesMeetSteps(order.slice(0, end), [first], members) && metInOrder(order.slice(end), rest, members),
    );
  }
});

describe("sums", () => {
  it.each([
    ["100", "100.00", 0],
    ["100.0001", "100", 1],
    ["9", "10", -1],
    ["0.1", "0.09", 1],
    ["9999999999999.9999", "9999999999999.9998", 1],
  ])("%s against %s: %i", (a, b, sign) => {
    expect(compareAmount(a, b)).toBe(sign);
    expect(compareAmount(b, a)).toBe(sign === 0 ? 0 : -sign);
  });
});

describe("a digest", () => {
  const document = scopePolicy.parse({ ...DEFAULT_POLICY, version: 2 });
  const turned = Object.fromEntries(Object.entries(document).toReversed());

  it("is of what is said, not of the order in which it is written", () => {
    expect(proposalDigest({ baseVersion: 1, document: turned })).toBe(
      proposalDigest({ baseVersion: 1, document }),
    );
    expect(policyDigest(turned as never)).toBe(policyDigest(document));
  });

  it("changes with the base and with every word", () => {
    const digests = [
      proposalDigest({ baseVersion: 1, document }),
      proposalDigest({ baseVersion: 2, document }),
      proposalDigest({ baseVersion: 1, document: { ...document, tokenSecondsMax: 60 } }),
      policyDigest(document),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    for (const digest of digests) expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

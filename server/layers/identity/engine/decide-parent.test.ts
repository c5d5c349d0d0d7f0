import { describe, expect, it } from "vitest";
import { FAMILY_GENERATIONS_MAX } from "../../../kernel/family-line.ts";
import { CHILDREN_MAX, decideParent, FAMILY_AGENTS_MAX, type ParentFacts } from "./decide-parent.ts";

const kin = (name: string, status = "active", banned = false) => ({ name, status, banned });
const FACTS: ParentFacts = {
  kind: "agent",
  parent: { ...kin("parent"), kind: "agent" },
  above: [],
  children: 0,
  family: 0,
};
const failed = (facts: Partial<ParentFacts>) => {
  const decision = decideParent({ ...FACTS, ...facts });
  const broken = decision.checks.filter((check) => !check.passed).map((check) => check.id);
  expect(decision.outcome).toBe(broken.length === 0 ? "allow" : "deny");
  return broken;
};

describe("an agent is registered under a parent", () => {
  it("that serves", () => {
    expect(failed({})).toEqual([]);
    expect(failed({ parent: { ...FACTS.parent, status: "enrolled" } })).toEqual([]);
    expect(failed({ parent: { ...FACTS.parent, status: "throttled" } })).toEqual([]);
  });

  it.each(["registered", "contained", "suspended", "retired", "unheard-of"])(
    "and not one that is %s",
    (status) => {
      expect(failed({ parent: { ...FACTS.parent, status } })).toEqual(["parent-serves"]);
    },
  );

  it("and not a banned one", () => {
    expect(failed({ parent: { ...FACTS.parent, banned: true } })).toEqual(["parent-serves"]);
  });

  it("and not where anybody above that parent is stopped", () => {
    expect(failed({ above: [kin("grandparent", "contained")] })).toEqual(["parent-in-service"]);
    expect(failed({ above: [kin("a"), kin("b", "active", true)] })).toEqual(["parent-in-service"]);
  });

  it(`down to generation ${FAMILY_GENERATIONS_MAX} and no further`, () => {
    const above = (count: number) => Array.from({ length: count }, (_, at) => kin(`above-${at}`));
    expect(failed({ above: above(FAMILY_GENERATIONS_MAX - 2) })).toEqual([]);
    expect(failed({ above: above(FAMILY_GENERATIONS_MAX - 1) })).toEqual(["generations"]);
    expect(failed({ above: above(FAMILY_GENERATIONS_MAX) })).toEqual(["parent-in-service", "generations"]);
  });

  it("while there is room among its children and in the family", () => {
    expect(failed({ children: CHILDREN_MAX - 1, family: FAMILY_AGENTS_MAX - 1 })).toEqual([]);
    expect(failed({ children: CHILDREN_MAX })).toEqual(["children"]);
    expect(failed({ family: FAMILY_AGENTS_MAX })).toEqual(["family"]);
  });

  it("and neither of them is a resource server", () => {
    expect(failed({ kind: "resource-server" })).toEqual(["agents-both"]);
    expect(failed({ parent: { ...FACTS.parent, kind: "resource-server" } })).toEqual(["agents-both"]);
  });

  it("with every reason at once where several stand against it", () => {
    const parent = { ...kin("p", "retired"), kind: "resource-server" };
    expect(failed({ parent, children: CHILDREN_MAX, family: FAMILY_AGENTS_MAX })).toEqual([
      "agents-both",
      "parent-serves",
      "children",
      "family",
    ]);
  });
});

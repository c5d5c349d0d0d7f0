import type { Check, Decision } from "../../../kernel/decision.ts";
import {
  checkLine,
  FAMILY_GENERATIONS_MAX,
  type Kin,
  serves,
  standingOf,
} from "../../../kernel/family-line.ts";

/** How many children one agent may have that are neither retired nor banned. */
export const CHILDREN_MAX = 20;
/** How many agents may stand below the eldest of a family, so that one short transaction stops them all. */
export const FAMILY_AGENTS_MAX = 100;

export type ParentFacts = {
  kind: string;
  parent: Kin & { kind: string };
  /** Those above the parent, nearest first. */
  above: readonly Kin[];
  children: number;
  /** Agents below the eldest of the family that are neither retired nor banned; `children` are those of the parent. */
  family: number;
};

/** Whether an agent may be registered under this parent. */
export function decideParent({ kind, parent, above, children, family }: ParentFacts): Decision {
  const line = checkLine(above);
  const generation = above.length + 2;
  const checks: Check[] = [
    {
      id: "agents-both",
      passed: kind === "agent" && parent.kind === "agent",
      detail:
        "Only agents have parents and children: a resource server holds no scope that it could pass on.",
    },
    {
      id: "parent-serves",
      passed: serves(parent),
      detail: `The parent ${parent.name} is ${standingOf(parent)}; a parent is enrolled and in service.`,
    },
    { ...line, detail: above.length === 0 ? "The parent has no parent itself." : line.detail },
    {
      id: "generations",
      passed: generation <= FAMILY_GENERATIONS_MAX,
      detail: `It would be generation ${generation}; a family has at most ${FAMILY_GENERATIONS_MAX}.`,
    },
    {
      id: "children",
      passed: children < CHILDREN_MAX,
      detail: `${parent.name} has ${children} children in use; it may have ${CHILDREN_MAX}.`,
    },
    {
      id: "family",
      passed: family < FAMILY_AGENTS_MAX,
      detail: `${family} agents stand below the eldest of the family; at most ${FAMILY_AGENTS_MAX} may.`,
    },
  ];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

import type { PolicyChange } from "../change-schema.ts";
import { RISKS, type ScopeRule } from "../policy-schema.ts";
import { sumsInWords, whoDecides } from "../words-schema.ts";
import { compareAmount } from "./compare-amount.ts";
import { compareSteps, contains } from "./compare-steps.ts";
import { change, type Judgement, loosens, moreLoosens, neutral, same, tightens } from "./judge-change.ts";

type Amounts = NonNullable<ScopeRule["amounts"]>;
type Escalation = NonNullable<Amounts["escalation"]>;
type Rules = { [Key in keyof Omit<ScopeRule, "scope" | "actions">]: FieldRule<Key> };
type FieldRule<Key extends keyof ScopeRule> = (
  before: ScopeRule[Key],
  after: ScopeRule[Key],
  of: { before: ScopeRule; after: ScopeRule },
) => { said: string } & Judgement;

/** What each part of a scope's rule means when it changes. Patterns of actions are compared across the whole policy. */
const RULES: Rules = {
  title: (before, after) => ({
    said: `The title becomes “${after}”; it was “${before}”.`,
    ...neutral("A title decides nothing."),
  }),
  risk: (before, after) => ({
    said: `The risk goes from ${before} to ${after}.`,
    ...compareRisk(before, after),
  }),
  group: (before, after) => ({
    said: `It moves from the group ${before} to ${after}.`,
    ...compareGroup(before, after),
  }),
  secondsMax: (before, after) => ({
    said: `One approval gives at most ${seconds(after)}; it was ${seconds(before)}.`,
    ...compareSeconds(before, after),
  }),
  steps: (before, after) => ({
    said: `It is decided by ${whoDecides(after)}; it was by ${whoDecides(before)}.`,
    ...compareSteps(before, after),
  }),
  amounts: (before, after, of) => ({
    said: `What one approval may move: ${sumsInWords(after)}; it was: ${sumsInWords(before)}.`,
    ...compareAmounts(before, after, of),
  }),
};

/** Changes of one scope's rule, its actions left aside. */
export function diffScope(before: ScopeRule, after: ScopeRule): PolicyChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  names.delete("actions");
  return [...names].flatMap((name) => {
    const was = (before as Record<string, unknown>)[name];
    const is = (after as Record<string, unknown>)[name];
    if (same(was, is)) return [];
    const rule = (RULES as Record<string, FieldRule<never> | undefined>)[name];
    const { said, ...judgement } = rule
      ? rule(was as never, is as never, { before, after })
      : {
          said: `${name} changes.`,
          ...loosens("No rule says which way this goes, so it counts as loosening."),
        };
    return [
      change(
        { path: `scopes/${after.scope}/${name}`, said: `${after.scope}: ${said}`, before: was, after: is },
        judgement,
      ),
    ];
  });
}

function compareRisk(before: ScopeRule["risk"], after: ScopeRule["risk"]): Judgement {
  if (RISKS.indexOf(after) < RISKS.indexOf(before)) return loosens("A lower risk is looked at less.");
  if (before === "MEDIUM")
    return loosens("HIGH alerts security but is given whatever the trust score says, which MEDIUM asks for.");
  return tightens("A higher risk is looked at more.");
}

function compareGroup(before: ScopeRule["group"], after: ScopeRule["group"]): Judgement {
  if (after === "base") return loosens("Base scopes are granted for good, without an approval.");
  if (before === "base") return tightens("It needs an approval now, and ends.");
  return neutral("Both groups need an approval and end.");
}

function compareSeconds(before: number | null, after: number | null): Judgement {
  if (after === null) return loosens("It no longer ends by itself.");
  if (before === null) return tightens("It ends by itself now.");
  return moreLoosens(before, after, "An approval gives more time.", "An approval gives less time.");
}

function compareAmounts(
  before: Amounts | null,
  after: Amounts | null,
  of: { before: ScopeRule; after: ScopeRule },
): Judgement {
  if (after === null) return loosens("No sum limits an approval any more.");
  if (before === null)
    return after.escalation
      ? compareEscalation(null, after.escalation, of)
      : tightens("A sum limits each approval now.");
  if (before.currency !== after.currency) return loosens("Sums of two currencies cannot be compared.");
  const parts: Judgement[] = [compareEscalation(before.escalation, after.escalation, of)];
  const most = compareAmount(after.max, before.max);
  if (most > 0) parts.push(loosens("One approval may move more."));
  if (most < 0) parts.push(tightens("One approval may move less."));
  return worst(parts);
}

/** Where other steps decide above a sum: stricter only where they ask for all that the scope's own steps do. */
function compareEscalation(
  before: Escalation | null,
  after: Escalation | null,
  of: { before: ScopeRule; after: ScopeRule },
): Judgement {
  if (same(before, after)) return neutral("The steps above a sum stay.");
  if (after === null) return loosens("No sum brings other people in any more.");
  const stricter = contains(after.steps, of.before.steps) && contains(after.steps, of.after.steps);
  if (!stricter) return loosens("The steps above the sum do not ask for all that the scope's own steps do.");
  if (before === null) return tightens("Above a sum, more approvals are needed.");
  const parts = [compareSteps(before.steps, after.steps)];
  const above = compareAmount(after.above, before.above);
  if (above > 0) parts.push(loosens("The sum above which more people decide is higher."));
  if (above < 0) parts.push(tightens("The sum above which more people decide is lower."));
  if (after.withinSeconds < before.withinSeconds)
    parts.push(loosens("Sums are counted together for less time."));
  if (after.withinSeconds > before.withinSeconds)
    parts.push(tightens("Sums are counted together for longer."));
  return worst(parts);
}

function worst(parts: readonly Judgement[]): Judgement {
  return (
    parts.find(({ effect }) => effect === "loosens") ??
    parts.find(({ effect }) => effect === "tightens") ??
    neutral("Nothing that decides changes.")
  );
}

function seconds(value: number | null): string {
  return value === null ? "no end" : `${value} s`;
}

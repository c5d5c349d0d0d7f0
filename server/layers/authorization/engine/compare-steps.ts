import { ALL_APPROVERS, type ApprovalStep } from "../policy-schema.ts";
import { type Judgement, loosens, neutral, same, tightens } from "./judge-change.ts";

type Need = ApprovalStep["needs"][number];

/** Which way a change of the people who decide goes. */
export function compareSteps(before: readonly ApprovalStep[], after: readonly ApprovalStep[]): Judgement {
  const withoutTitles = (steps: readonly ApprovalStep[]) => steps.map(({ needs }) => needs);
  if (same(withoutTitles(before), withoutTitles(after))) return neutral("Only titles of steps change.");
  if (contains(after, before) && contains(before, after))
    return neutral("The same people decide in the same order; it is written otherwise.");
  if (contains(after, before))
    return tightens(
      "Every approval that was needed still is, from the same people or fewer, in the same order.",
    );
  return loosens(
    "An approval that was needed no longer is, or other people may give it, or the order is gone.",
  );
}

/**
 * Whether whoever meets the steps of `strict` has met those of `lax` too: each lax step is met by a run of strict
 * ones, and the next begins behind it. One person votes once, so votes of several steps are of different people.
 */
export function contains(strict: readonly ApprovalStep[], lax: readonly ApprovalStep[]): boolean {
  let at = 0;
  for (const { needs } of lax) {
    const run: Need[] = [];
    while (!meets(run, needs)) {
      const next = strict[at++];
      if (!next) return false;
      run.push(...next.needs);
    }
  }
  return true;
}

/** Whether these votes meet the needs: a group's votes its own needs first, what is left those of anybody. */
function meets(votes: readonly Need[], needs: readonly Need[]): boolean {
  const left = new Map<string, number>();
  for (const { from, votes: count } of votes) left.set(from, (left.get(from) ?? 0) + count);
  for (const { from, votes: count } of needs) left.set(from, (left.get(from) ?? 0) - count);
  const anybody = left.get(ALL_APPROVERS) ?? 0;
  const groups = [...left].filter(([name]) => name !== ALL_APPROVERS).map(([, count]) => count);
  return groups.every((count) => count >= 0) && groups.reduce((sum, count) => sum + count, anybody) >= 0;
}

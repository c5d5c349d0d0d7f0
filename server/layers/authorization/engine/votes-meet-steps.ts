import { ALL_APPROVERS, type ApprovalStep, type ScopePolicy } from "../policy-schema.ts";

/**
 * Whether these people together meet all steps, each of them once, whatever the order in which they voted. Where a
 * person may fill several places, it is found out which leaves a place for everybody (augmenting paths).
 */
export function votesMeetSteps(
  voters: readonly string[],
  steps: readonly ApprovalStep[],
  groups: ScopePolicy["approverGroups"],
): boolean {
  const places = steps.flatMap(({ needs }) =>
    needs.flatMap(({ from, votes }) => Array.from({ length: votes }, () => from)),
  );
  const mayFill = (voter: string, from: string) =>
    from === ALL_APPROVERS || groups.some(({ name, members }) => name === from && members.includes(voter));
  const placeOf = new Map<string, number>();
  const fill = (place: number, tried: Set<string>): boolean => {
    for (const voter of voters) {
      if (tried.has(voter) || !mayFill(voter, places[place] ?? "")) continue;
      tried.add(voter);
      const taken = placeOf.get(voter);
      if (taken !== undefined && !fill(taken, tried)) continue;
      placeOf.set(voter, place);
      return true;
    }
    return false;
  };
  return places.every((_, place) => fill(place, new Set()));
}

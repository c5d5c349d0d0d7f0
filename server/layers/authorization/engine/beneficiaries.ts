import type { PolicyChange } from "../change-schema.ts";
import type { ScopePolicy, ScopeRule } from "../policy-schema.ts";
import { diffPolicies } from "./diff-policies.ts";

/** Accounts that a change names anew: as members of a group, or as somebody who may break glass. */
export function namedAccounts(changes: readonly PolicyChange[]): string[] {
  return [
    ...new Set(
      changes.flatMap(({ account, after }) => (account !== null && after !== null ? [account] : [])),
    ),
  ];
}

/**
 * Accounts to which a change of the policy gives a say that they had not: those it names, the members of a group that
 * decides over a scope now and did not, and all who may break glass where that lasts longer. A scope that is new takes
 * nothing from anybody; the group of all approvers has no list to look into.
 */
export function beneficiariesOf(before: ScopePolicy, after: ScopePolicy): string[] {
  const was = new Map(before.scopes.map((rule) => [rule.scope, groupsOf(rule)]));
  const gaining = new Set(
    after.scopes.flatMap((rule) => {
      const had = was.get(rule.scope);
      return had ? [...groupsOf(rule)].filter((group) => !had.has(group)) : [];
    }),
  );
  const [glass, broken] = [before.breakGlass, after.breakGlass];
  const lasts =
    broken.secondsMax > glass.secondsMax || broken.reviewWithinSeconds > glass.reviewWithinSeconds;
  return [
    ...new Set([
      ...namedAccounts(diffPolicies(before, after)),
      ...after.approverGroups.flatMap(({ name, members }) => (gaining.has(name) ? members : [])),
      ...(lasts ? broken.people : []),
    ]),
  ];
}

function groupsOf({ steps, amounts }: ScopeRule): Set<string> {
  const all = [...steps, ...(amounts?.escalation?.steps ?? [])];
  return new Set(all.flatMap(({ needs }) => needs.map(({ from }) => from)));
}

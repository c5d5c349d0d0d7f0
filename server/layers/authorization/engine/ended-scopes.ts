import { RISKS, type ScopePolicy } from "../policy-schema.ts";

/**
 * Scopes whose grants end when one policy follows the other: those that are gone, whose risk rose, or that need an
 * approval now. What was allowed under less was not allowed under this; a scope that comes back is asked for anew.
 */
export function endedScopes(before: ScopePolicy, after: ScopePolicy): string[] {
  return before.scopes.flatMap((was) => {
    const is = after.scopes.find(({ scope }) => scope === was.scope);
    const guardedMore =
      is !== undefined &&
      (RISKS.indexOf(is.risk) > RISKS.indexOf(was.risk) || (was.group === "base" && is.group !== "base"));
    return is === undefined || guardedMore ? [was.scope] : [];
  });
}

import { EFFECTS, type Effect, type PolicyChange } from "#server/layers/authorization/change-schema.ts";
import type { DryRunResult, Tally } from "#server/layers/authorization/dryrun-schema.ts";

/** What loosens first: it is what a second person must not overlook. */
export function changesInOrder(changes: readonly PolicyChange[]): PolicyChange[] {
  return EFFECTS.flatMap((effect) => changes.filter((change) => change.effect === effect));
}

/** How many changes go each way; ways that no change goes are left out. */
export function countEffects(changes: readonly PolicyChange[]): [Effect, number][] {
  return EFFECTS.map((effect): [Effect, number] => [
    effect,
    changes.filter((change) => change.effect === effect).length,
  ]).filter(([, count]) => count > 0);
}

/** What a dry-run found, as sentences: first what would be refused, then how far it looked. */
export function dryRunWords(result: DryRunResult): string[] {
  const { tokens, approvals, actions, shorterTokens } = result;
  return [
    tallyWords("scope in a token", "scopes in tokens", tokens),
    tallyWords("request for an approval", "requests for approvals", approvals),
    tallyWords("reported action", "reported actions", actions),
    ...(shorterTokens > 0 ? [`${plural(shorterTokens, "token", "tokens")} would have ended sooner.`] : []),
  ];
}

function tallyWords(one: string, many: string, tally: Tally): string {
  if (tally.read === 0) return `No ${one} was recorded.`;
  const parts = [
    tally.refused > 0 ? `${tally.refused} would be refused` : "",
    tally.allowed > 0 ? `${tally.allowed} would be allowed` : "",
    tally.otherScope > 0 ? `${tally.otherScope} would be covered by another scope` : "",
    tally.unknown > 0 ? `${tally.unknown} cannot be told, because what they hang on was not recorded` : "",
  ].filter(Boolean);
  const rest = parts.length > 0 ? parts.join(", ") : "all would be decided alike";
  return `Of ${plural(tally.read, one, many)}: ${rest}.`;
}

function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

import type { ActKind, DutyRule, Party } from "#server/layers/authorization/duties-schema.ts";

export const RULE_WORDS: Record<DutyRule, string> = {
  "asker-decided": "Asked and decided",
  "owner-decided": "Owner decided",
  "decided-alone": "Decided alone",
  "party-unknown": "Account not found",
  "role-from-party": "Role from the other party",
  "deciding-for-each-other": "Deciding for each other",
  "break-glass-used": "Broke glass",
  "break-glass-unreviewed": "Not reviewed",
  "break-glass-reviewed-late": "Reviewed late",
  "break-glass-not-justified": "Not justified",
};

export const KIND_WORDS: Record<ActKind, string> = {
  grant: "Scope for an agent",
  release: "Release",
  policy: "Policy",
  trust: "Trust by hand",
  "break-glass": "Break-glass",
};

const PLURALS: Record<ActKind, [one: string, many: string]> = {
  grant: ["request for a scope", "requests for scopes"],
  release: ["release", "releases"],
  policy: ["version of the policy", "versions of the policy"],
  trust: ["trust by hand", "trusts by hand"],
  "break-glass": ["use of break-glass", "uses of break-glass"],
};

/** What was looked at, in words: so that "no finding" says of how much. */
export function lookedAt(counts: Record<ActKind, number>): string {
  const kinds = Object.keys(PLURALS) as ActKind[];
  return kinds.map((kind) => `${counts[kind]} ${PLURALS[kind][counts[kind] === 1 ? 0 : 1]}`).join(", ");
}

/** Names of those who took part; an account that cannot be found says so. */
export function partyNames(parties: readonly Party[]): string {
  return parties.map(({ name, kind }) => (kind === "unknown" ? `${name} (not found)` : name)).join(", ");
}

import { readLimits } from "./engine/narrow-limits.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import type { GrantView } from "./schema.ts";
import type { GrantRow } from "./store.ts";

/** Grants as the screens and the API show them. */
export function grantViews(
  rows: readonly GrantRow[],
  agentName: string,
  policy: ScopePolicy,
  now: Date,
): GrantView[] {
  return rows.map((row) => ({
    ...row,
    agentName,
    limits: readLimits(row.limits),
    risk: policy.scopes.find((rule) => rule.scope === row.scope)?.risk ?? null,
    live: row.revokedAt === null && (row.expiresAt === null || row.expiresAt > now),
  }));
}

import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { type DependentPage, type ListDependentsInput, listDependentsInput } from "./authority-schema.ts";
import { countDependents, dependentRows } from "./authority-store.ts";

/** A page of the agents whose newest certificate is of an authority: who would break if it were revoked now. */
export async function listDependents(ctx: VerbContext, input: ListDependentsInput): Promise<DependentPage> {
  requirePermission(ctx.actor, "agents.read");
  const { authorityId, limit, cursor = "" } = listDependentsInput.parse(input);
  const { db, now } = ctx;
  const [rows, counts] = await Promise.all([
    dependentRows(db, { authorityId, after: cursor, limit: limit + 1, now }),
    countDependents(db, now, authorityId),
  ]);
  const dependents = rows.slice(0, limit);
  return {
    dependents: dependents.map((row) => ({
      ...row,
      issuedAt: new Date(row.issuedAt),
      notAfter: new Date(row.notAfter),
      lastSeenAt: row.lastSeenAt && new Date(row.lastSeenAt),
    })),
    nextCursor: rows.length > limit ? (dependents.at(-1)?.agentName ?? null) : null,
    total: counts.get(authorityId) ?? 0,
  };
}

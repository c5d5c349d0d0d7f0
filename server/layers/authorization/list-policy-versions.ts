import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { policyDigest } from "./engine/policy-digest.ts";
import { readDocument } from "./engine/read-document.ts";
import { listVersionsInput, type PolicyVersionRow } from "./proposal-schema.ts";
import { type VersionRow, versionRows } from "./proposal-store.ts";
import { type UserRow, usersByIds } from "./store.ts";

/**
 * Versions of the policy, the newest first, with who proposed and who approved each.
 *
 * @throws ForbiddenError `not_permitted`.
 */
export async function listPolicyVersions(
  ctx: VerbContext,
  input: z.input<typeof listVersionsInput>,
): Promise<{ versions: PolicyVersionRow[]; before: number | null }> {
  requirePermission(ctx.actor, "approvals.read");
  const { before, limit } = listVersionsInput.parse(input);
  const rows = await versionRows(ctx.db, { before, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  const ids = shown.flatMap((row) => [row.createdBy, ...(row.approvedBy ? [row.approvedBy] : [])]);
  const users = await usersByIds(ctx.db, ids);
  return {
    versions: shown.map((row) => versionView(row, users)),
    before: rows.length > limit ? (shown.at(-1)?.version ?? null) : null,
  };
}

/** A stored version as the lists show it. */
export function versionView(row: VersionRow, users: ReadonlyMap<string, UserRow>): PolicyVersionRow {
  const { version, createdBy, approvedBy, reason, createdAt } = row;
  return {
    ...{ version, reason, createdAt },
    createdBy: personView(createdBy, users),
    approvedBy: approvedBy === null ? null : personView(approvedBy, users),
    digest: policyDigest(readDocument(row.document)),
  };
}

/** An account with the name that people know it by. */
export function personView(
  id: string,
  users: ReadonlyMap<string, Pick<UserRow, "name">>,
): { id: string; name: string } {
  return { id, name: users.get(id)?.name ?? id };
}

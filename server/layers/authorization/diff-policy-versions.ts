import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { PolicyChange } from "./change-schema.ts";
import { diffPolicies } from "./engine/diff-policies.ts";
import { readDocument } from "./engine/read-document.ts";
import { diffVersionsInput } from "./proposal-schema.ts";
import { versionRow } from "./proposal-store.ts";

/**
 * In what one version of the policy differs from another, each change with which way it goes.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `version_unknown`.
 */
export async function diffPolicyVersions(
  ctx: VerbContext,
  input: z.input<typeof diffVersionsInput>,
): Promise<{ changes: PolicyChange[] }> {
  requirePermission(ctx.actor, "approvals.read");
  const { from, to } = diffVersionsInput.parse(input);
  const before = readDocument((await versionRow(ctx.db, from)).document);
  const after = readDocument((await versionRow(ctx.db, to)).document);
  return { changes: diffPolicies(before, after) };
}

import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { readDocument } from "./engine/read-document.ts";
import { versionView } from "./list-policy-versions.ts";
import { policyVersionInput, type policyVersionView } from "./proposal-schema.ts";
import { versionRow } from "./proposal-store.ts";
import { usersByIds } from "./store.ts";

/**
 * One version of the policy, whole.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `version_unknown`.
 */
export async function readPolicyVersion(
  ctx: VerbContext,
  input: z.input<typeof policyVersionInput>,
): Promise<z.infer<typeof policyVersionView>> {
  requirePermission(ctx.actor, "approvals.read");
  const row = await versionRow(ctx.db, policyVersionInput.parse(input).version);
  const users = await usersByIds(ctx.db, [row.createdBy, ...(row.approvedBy ? [row.approvedBy] : [])]);
  return { ...versionView(row, users), document: readDocument(row.document) };
}

import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { PolicyChange } from "./change-schema.ts";
import { readProposed } from "./check-document.ts";
import { currentPolicy } from "./current-policy.ts";
import { diffPolicies } from "./engine/diff-policies.ts";
import type { previewPolicyInput } from "./proposal-schema.ts";

/**
 * In what a policy that was not proposed yet differs from the one that counts now. Changes nothing.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `policy_invalid`.
 */
export async function previewPolicy(
  ctx: VerbContext,
  input: z.output<typeof previewPolicyInput>,
): Promise<{ changes: PolicyChange[]; currentVersion: number }> {
  requirePermission(ctx.actor, "approvals.read");
  const current = await currentPolicy(ctx.db);
  return {
    changes: diffPolicies(current, readProposed(current, { document: input.document })),
    currentVersion: current.version,
  };
}

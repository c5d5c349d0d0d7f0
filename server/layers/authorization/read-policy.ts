import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentPolicy } from "./current-policy.ts";
import type { ScopePolicy } from "./policy-schema.ts";

/**
 * The scope policy that counts now.
 *
 * @throws ForbiddenError `not_permitted`. @throws UnavailableError `policy_missing`.
 */
export async function readPolicy(ctx: VerbContext): Promise<ScopePolicy> {
  requirePermission(ctx.actor, "approvals.read");
  return currentPolicy(ctx.db);
}

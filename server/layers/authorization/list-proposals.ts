import { and, desc, eq, gt } from "drizzle-orm";
import type { z } from "zod";
import { policyProposals } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { loadProposalViews } from "./load-proposal-views.ts";
import { listProposalsInput, type ProposalView } from "./proposal-schema.ts";

/**
 * Proposals for the policy, the newest first, as the caller sees them: with what would change and why they may or
 * may not approve.
 *
 * @throws ForbiddenError `not_permitted`. @throws UnavailableError `policy_missing`.
 */
export async function listProposals(
  ctx: VerbContext,
  input: z.input<typeof listProposalsInput>,
): Promise<{ proposals: ProposalView[] }> {
  requirePermission(ctx.actor, "approvals.read");
  const { status, limit } = listProposalsInput.parse(input);
  const stored = status === undefined ? undefined : eq(policyProposals.status, status);
  // One that is over waits for nobody, though the duty has not ended it yet.
  const open = status === "pending" ? gt(policyProposals.expiresAt, ctx.now) : undefined;
  const rows = await ctx.db
    .select()
    .from(policyProposals)
    .where(and(stored, open))
    .orderBy(desc(policyProposals.proposedAt), desc(policyProposals.id))
    .limit(limit);
  return { proposals: await loadProposalViews(ctx, rows) };
}

import { and, eq, gt } from "drizzle-orm";
import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { policyProposals } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { withdrawProposalInput } from "./proposal-schema.ts";
import { lockProposal } from "./proposal-store.ts";

/**
 * Takes one's own proposal back before somebody decides.
 *
 * @throws ForbiddenError `not_permitted`, `not_proposer`. @throws NotFoundError `proposal_unknown`.
 * @throws ConflictError `proposal_decided` where it is decided, withdrawn or over.
 */
export async function withdrawProposal(
  ctx: VerbContext,
  input: z.input<typeof withdrawProposalInput>,
): Promise<void> {
  requirePermission(ctx.actor, "policy.change");
  const { id } = withdrawProposalInput.parse(input);
  const { actor, now } = ctx;
  await ctx.db.transaction(async (tx) => {
    const proposal = await lockProposal(tx, id);
    if (actor.type !== "operator" || proposal.proposedBy !== actor.id)
      throw new ForbiddenError(
        "not_proposer",
        "Only the person who proposed it withdraws it. You may reject it.",
      );
    const withdrawn = await tx
      .update(policyProposals)
      .set({ status: "withdrawn", decidedBy: actor.id, decidedAt: now })
      .where(
        and(
          eq(policyProposals.id, id),
          eq(policyProposals.status, "pending"),
          gt(policyProposals.expiresAt, now),
        ),
      )
      .returning({ id: policyProposals.id });
    if (withdrawn.length === 0)
      throw new ConflictError("proposal_decided", "The proposal is already decided, withdrawn or over.");
    await appendRecord(tx, {
      kind: "policy.withdrawn",
      actor,
      now,
      policyVersion: proposal.baseVersion,
      details: { proposalId: id, digest: proposal.digest },
    });
    await notify(tx, "policy", id);
  });
}

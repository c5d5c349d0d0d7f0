import { and, eq, gt } from "drizzle-orm";
import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { ruleProposals } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { withdrawRuleProposalInput } from "./rule-change-schema.ts";
import { lockRuleProposal } from "./rule-proposal-store.ts";

/**
 * Takes one's own proposal of rules back before somebody decides.
 *
 * @throws ForbiddenError `not_permitted`, `not_proposer`. @throws NotFoundError `proposal_unknown`.
 * @throws ConflictError `proposal_decided` where it is decided, withdrawn or over.
 */
export async function withdrawRuleProposal(
  ctx: VerbContext,
  input: z.input<typeof withdrawRuleProposalInput>,
): Promise<void> {
  requirePermission(ctx.actor, "rules.change");
  const { id } = withdrawRuleProposalInput.parse(input);
  const { actor, now } = ctx;
  await ctx.db.transaction(async (tx) => {
    const proposal = await lockRuleProposal(tx, id);
    if (actor.type !== "operator" || proposal.proposedBy !== actor.id)
      throw new ForbiddenError("not_proposer", "Only the person who proposed it withdraws it.");
    const open = and(
      eq(ruleProposals.id, id),
      eq(ruleProposals.status, "pending"),
      gt(ruleProposals.expiresAt, now),
    );
    const withdrawn = await tx
      .update(ruleProposals)
      .set({ status: "withdrawn", decidedBy: actor.id, decidedAt: now })
      .where(open)
      .returning({ id: ruleProposals.id });
    if (withdrawn.length === 0)
      throw new ConflictError("proposal_decided", "The proposal is already decided, withdrawn or over.");
    const details = { proposalId: id, digest: proposal.digest };
    await appendRecord(tx, { kind: "rules.withdrawn", actor, now, details });
    await notify(tx, "rules", id);
  });
}

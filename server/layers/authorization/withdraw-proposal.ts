import { and, eq, gt } from "drizzle-orm";
import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { policyProposals } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, ForbiddenError, type VigilError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { withdrawProposalInput } from "./proposal-schema.ts";
import { lockProposal } from "./proposal-store.ts";

/**
 * Takes one's own proposal back before somebody decides. What is refused is recorded, then thrown.
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
  const refused = await ctx.db.transaction(async (tx) => {
    const proposal = await lockProposal(tx, id);
    const about = { actor, now, policyVersion: proposal.baseVersion };
    const details = { proposalId: id, digest: proposal.digest };
    const refuse = async (failed: VigilError) => {
      const checks = [{ id: failed.code, passed: false, detail: failed.message }];
      await appendRecord(tx, {
        ...about,
        kind: "policy.withdrawal_refused",
        outcome: "deny",
        checks,
        details,
      });
      return failed;
    };
    if (actor.type !== "operator" || proposal.proposedBy !== actor.id)
      return refuse(
        new ForbiddenError(
          "not_proposer",
          "Only the person who proposed it withdraws it. You may reject it.",
        ),
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
      return refuse(
        new ConflictError("proposal_decided", "The proposal is already decided, withdrawn or over."),
      );
    await appendRecord(tx, { ...about, kind: "policy.withdrawn", details });
    await notify(tx, "policy", id);
    return null;
  });
  if (refused) throw refused;
}

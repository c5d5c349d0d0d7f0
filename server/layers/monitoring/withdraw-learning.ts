import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { withdrawInput } from "./learning-schema.ts";
import { leavePending, proposalById } from "./proposal-store.ts";
import { agentOfAlert } from "./store.ts";

/**
 * Withdraws a proposal that is undecided. Anybody who may propose may: nothing is changed by it.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `proposal_unknown`. @throws ConflictError
 * `proposal_over`.
 */
export async function withdrawLearning(
  ctx: VerbContext,
  input: { id: string; reason: string },
): Promise<void> {
  requirePermission(ctx.actor, "learning.propose");
  const { id, reason } = withdrawInput.parse(input);
  const { db, actor, now } = ctx;
  await db.transaction(async (tx) => {
    const { agentId, kind } = await proposalById(tx, id);
    if (!(await leavePending(tx, id, { status: "withdrawn", decisionReason: reason, decidedAt: now })))
      throw new ConflictError("proposal_over", "This proposal is decided or over already.", { proposal: id });
    await appendRecord(tx, {
      kind: "learning.proposal_withdrawn",
      ...{ actor, now, ...(await agentOfAlert(tx, agentId)) },
      details: { proposal: id, what: kind, reason },
      subjects: [`learning:${id}`],
    });
    await notify(tx, "score", agentId);
  });
}

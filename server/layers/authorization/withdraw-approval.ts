import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { samePerson } from "../../kernel/same-person.ts";
import { appendRecord } from "../audit/append.ts";
import { decideApproval } from "./decide-approval.ts";
import { type WithdrawApprovalInput, withdrawApprovalInput } from "./schema.ts";
import { agentsByIds, lockApproval, usersByIds } from "./store.ts";

/**
 * Takes back one's own request while it waits, for good and with a reason. What an agent asked for itself nobody
 * takes back: it is denied, or ends unanswered.
 *
 * @throws ForbiddenError `not_permitted`, `not_requester`. @throws NotFoundError `approval_unknown`.
 * @throws ConflictError `approval_decided` where it is decided or over.
 */
export async function withdrawApproval(
  ctx: VerbContext,
  input: WithdrawApprovalInput,
): Promise<{ status: "withdrawn" }> {
  requirePermission(ctx.actor, "approvals.request");
  const { id, reason } = withdrawApprovalInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const approval = await lockApproval(tx, id);
    const users = await usersByIds(tx, [approval.requestedBy, actor.id]);
    const [asker, caller] = [users.get(approval.requestedBy), users.get(actor.id)];
    const own = approval.requestedByType === "operator" && asker && caller && samePerson(asker, caller);
    if (actor.type !== "operator" || !own)
      throw new ForbiddenError(
        "not_requester",
        "Only the person who asked takes a request back. An approver may deny it.",
        { approval: id },
      );
    if (approval.status !== "pending" || approval.expiresAt <= now)
      throw new ConflictError("approval_decided", "The request is decided already, or has ended.", {
        approval: id,
      });
    await decideApproval(tx, id, { status: "withdrawn", decidedAt: now, decisionReason: reason });
    const [agent] = await agentsByIds(tx, [approval.agentId]);
    await appendRecord(tx, {
      kind: "approval.withdrawn",
      ...{ actor, now, outcome: "deny", approvalId: id, policyVersion: approval.policyVersion },
      ...(agent ? { agent: { id: agent.id, did: agent.did } } : {}),
      details: { scope: approval.scope, digest: approval.digest, reason },
    });
    await notify(tx, "approval", id);
    return { status: "withdrawn" };
  });
}

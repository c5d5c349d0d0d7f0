import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { samePerson } from "../../kernel/same-person.ts";
import { appendRecord } from "../audit/append.ts";
import { decideApproval } from "./decide-approval.ts";
import { type WithdrawApprovalInput, withdrawApprovalInput } from "./schema.ts";
import { agentsByIds, lockApproval, usersByIds } from "./store.ts";

/**
 * Takes back one's own request while it waits, for good and with a reason. What an agent asked for itself nobody
 * takes back: it is denied, or ends unanswered. What is refused is recorded, then thrown.
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
  const outcome = await ctx.db.transaction(async (tx) => {
    const approval = await lockApproval(tx, id);
    const users = await usersByIds(tx, [approval.requestedBy, actor.id]);
    const [asker, caller] = [users.get(approval.requestedBy), users.get(actor.id)];
    const own = approval.requestedByType === "operator" && asker && caller && samePerson(asker, caller);
    const open = approval.status === "pending" && approval.expiresAt > now;
    const checks = withdrawalChecks(actor.type === "operator" && own === true, open);
    const failed = checks.find(({ passed }) => !passed);
    const [agent] = await agentsByIds(tx, [approval.agentId]);
    const record = {
      ...{
        actor,
        now,
        checks,
        outcome: "deny" as const,
        approvalId: id,
        policyVersion: approval.policyVersion,
      },
      ...(agent ? { agent: { id: agent.id, did: agent.did } } : {}),
      details: { scope: approval.scope, digest: approval.digest, reason },
    };
    if (failed) {
      await appendRecord(tx, { ...record, kind: "approval.withdrawal_refused" });
      return failed;
    }
    await decideApproval(tx, id, { status: "withdrawn", decidedAt: now, decisionReason: reason });
    await appendRecord(tx, { ...record, kind: "approval.withdrawn" });
    await notify(tx, "approval", id);
    return null;
  });
  if (outcome?.id === "own-request")
    throw new ForbiddenError("not_requester", outcome.detail, { approval: id });
  if (outcome) throw new ConflictError("approval_decided", outcome.detail, { approval: id });
  return { status: "withdrawn" };
}

function withdrawalChecks(own: boolean, open: boolean): Check[] {
  return [
    {
      id: "own-request",
      passed: own,
      detail: own
        ? "The person who asked takes it back."
        : "Only the person who asked takes a request back. An approver may deny it.",
    },
    {
      id: "open",
      passed: open,
      detail: open ? "The request waits." : "The request is decided already, or has ended.",
    },
  ];
}

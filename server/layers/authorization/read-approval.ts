import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { present } from "../../kernel/ensure.ts";
import { currentTrust } from "./current-trust.ts";
import { loadApprovalViews } from "./load-approval-views.ts";
import type { ApprovalView } from "./schema.ts";
import { approvalById } from "./store.ts";

/**
 * One request with everything its approver should see, trust judged at this moment.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `approval_unknown`.
 */
export async function readApproval(ctx: VerbContext, id: string): Promise<ApprovalView> {
  requirePermission(ctx.actor, "approvals.read");
  const row = await approvalById(ctx.db, id);
  const [view] = await loadApprovalViews(ctx.db, [row], ctx);
  const { score } = await currentTrust(ctx.db, row.agentId, ctx.now);
  return { ...present(view, "view of a request"), trust: score };
}

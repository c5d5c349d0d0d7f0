import { and, eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { approvals } from "../../../db/schema/index.ts";
import { ConflictError } from "../../kernel/errors.ts";
import type { ApprovalRow } from "./store.ts";

type End = Pick<ApprovalRow, "status" | "decidedAt"> &
  Partial<Pick<ApprovalRow, "decisionReason" | "grantId">>;

/**
 * Ends a request, in the caller's transaction. It leaves `pending` once: it is used up by the first decision.
 *
 * @throws ConflictError `approval_decided`.
 */
export async function decideApproval(tx: Tx, id: string, to: End): Promise<void> {
  const moved = await tx
    .update(approvals)
    .set(to)
    .where(and(eq(approvals.id, id), eq(approvals.status, "pending")))
    .returning({ id: approvals.id });
  if (moved.length === 0) throw new ConflictError("approval_decided", "The request is already decided.");
}

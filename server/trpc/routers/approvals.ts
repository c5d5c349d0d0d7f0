import { z } from "zod";
import { briefDecider } from "../../flows/brief-decider.ts";
import { deciderBrief } from "../../layers/authorization/brief-schema.ts";
import { listApprovals } from "../../layers/authorization/list-approvals.ts";
import { readApproval } from "../../layers/authorization/read-approval.ts";
import { requestApproval } from "../../layers/authorization/request-approval.ts";
import {
  approvalPage,
  approvalView,
  listApprovalsInput,
  requestApprovalInput,
  voteAnswer,
  voteInput,
  withdrawApprovalInput,
} from "../../layers/authorization/schema.ts";
import { voteOnApproval } from "../../layers/authorization/vote-on-approval.ts";
import { withdrawApproval } from "../../layers/authorization/withdraw-approval.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

/** Requests for scopes that need a person: the queue, one request, asking, deciding. */
export const approvalsRouter = router({
  list: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/approvals" } })
    .input(listApprovalsInput)
    .output(approvalPage)
    .query(({ ctx, input }) => listApprovals(verbContext(ctx), input)),
  get: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/approvals/{id}" } })
    .input(z.object({ id: z.uuid() }))
    .output(approvalView)
    .query(({ ctx, input }) => readApproval(verbContext(ctx), input.id)),
  brief: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/approvals/{id}/brief" } })
    .input(z.object({ id: z.uuid() }))
    .output(deciderBrief)
    .query(({ ctx, input }) => briefDecider(verbContext(ctx), input)),
  request: operatorProcedure
    .meta({ openapi: { method: "POST", path: "/approvals" } })
    .input(requestApprovalInput)
    .output(z.object({ approvalId: z.uuid() }))
    .mutation(({ ctx, input }) => requestApproval(verbContext(ctx), input)),
  withdraw: operatorProcedure
    .meta({ openapi: { method: "POST", path: "/approvals/{id}/withdrawal" } })
    .input(withdrawApprovalInput)
    .output(z.object({ status: z.literal("withdrawn") }))
    .mutation(({ ctx, input }) => withdrawApproval(verbContext(ctx), input)),
  vote: steppedUpProcedure
    .input(voteInput)
    .output(voteAnswer)
    .mutation(({ ctx, input }) => voteOnApproval(verbContext(ctx), input, ctx.stepUp)),
});

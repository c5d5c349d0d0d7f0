import { z } from "zod";
import { containAgent } from "../../flows/contain-agent.ts";
import { releaseAgent } from "../../flows/release-agent.ts";
import { declineRelease } from "../../incidents/decline-release.ts";
import { listContainments, listContainmentsInput } from "../../incidents/list-containments.ts";
import { requestRelease } from "../../incidents/request-release.ts";
import { reasonText } from "../../incidents/schema.ts";
import { containmentView } from "../../incidents/views.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

const released = z.object({ containmentId: z.uuid(), reason: reasonText });

/** Containing an agent, and letting it go again by two people. */
export const containmentRouter = router({
  list: operatorProcedure
    .input(listContainmentsInput)
    .output(z.array(containmentView))
    .query(({ ctx, input }) => listContainments(verbContext(ctx), input)),
  contain: operatorProcedure
    .input(z.object({ agentId: z.uuid(), reason: reasonText, alertId: z.uuid().optional() }))
    .mutation(({ ctx, input }) => containAgent(verbContext(ctx), input)),
  requestRelease: operatorProcedure
    .input(released)
    .mutation(({ ctx, input }) => requestRelease(verbContext(ctx), input)),
  declineRelease: operatorProcedure
    .input(released)
    .mutation(({ ctx, input }) => declineRelease(verbContext(ctx), input)),
  release: steppedUpProcedure
    .input(z.object({ containmentId: z.uuid() }))
    .mutation(({ ctx, input }) => releaseAgent(verbContext(ctx), { ...input, stepUp: ctx.stepUp })),
});

import { z } from "zod";
import { decideMaintenance } from "../../layers/monitoring/decide-maintenance.ts";
import { endMaintenance } from "../../layers/monitoring/end-maintenance.ts";
import {
  decideMaintenanceInput,
  maintenanceView,
  planMaintenanceInput,
  withdrawInput,
} from "../../layers/monitoring/learning-schema.ts";
import { listMaintenance } from "../../layers/monitoring/list-maintenance.ts";
import { planMaintenance } from "../../layers/monitoring/plan-maintenance.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

/** Times in which agents are limited and not contained, planned and approved by two people. */
export const maintenanceRouter = router({
  list: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/maintenance" } })
    .output(z.object({ windows: z.array(maintenanceView) }))
    .query(async ({ ctx }) => ({ windows: await listMaintenance(verbContext(ctx)) })),
  plan: operatorProcedure
    .input(planMaintenanceInput)
    .output(z.object({ id: z.uuid(), digest: z.string() }))
    .mutation(({ ctx, input }) => planMaintenance(verbContext(ctx), input)),
  decide: steppedUpProcedure
    .input(decideMaintenanceInput)
    .output(z.object({ status: z.enum(["approved", "denied"]) }))
    .mutation(({ ctx, input }) => decideMaintenance(verbContext(ctx), input, ctx.stepUp)),
  end: operatorProcedure
    .input(withdrawInput)
    .output(z.void())
    .mutation(({ ctx, input }) => endMaintenance(verbContext(ctx), input)),
});

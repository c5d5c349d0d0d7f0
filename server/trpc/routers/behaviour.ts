import { z } from "zod";
import { learnAgentBaseline } from "../../layers/monitoring/learn-baseline.ts";
import { readBehaviourSeries } from "../../layers/monitoring/read-behaviour-series.ts";
import { behaviourSeriesInput } from "../../layers/monitoring/schema.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

/** Behaviour: one agent's features and scores over time, and learning what is usual anew. */
export const behaviourRouter = router({
  series: operatorProcedure
    .input(behaviourSeriesInput)
    .query(({ ctx, input }) => readBehaviourSeries(verbContext(ctx), input)),
  learn: operatorProcedure
    .input(z.object({ agentId: z.uuid() }))
    .mutation(({ ctx, input }) => learnAgentBaseline(verbContext(ctx), input)),
});

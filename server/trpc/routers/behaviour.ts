import { z } from "zod";
import { decideLearning } from "../../layers/monitoring/decide-learning.ts";
import { scoringLag } from "../../layers/monitoring/lag-schema.ts";
import {
  behaviourOfInput,
  decideLearningInput,
  learningView,
  proposeLearningInput,
  undoAllowanceInput,
  withdrawInput,
} from "../../layers/monitoring/learning-schema.ts";
import { listWatchedAgents } from "../../layers/monitoring/list-watched-agents.ts";
import {
  behaviourOverview,
  behaviourOverviewInput,
  watchedAgents,
  watchedAgentsInput,
} from "../../layers/monitoring/overview-schema.ts";
import { proposeLearning } from "../../layers/monitoring/propose-learning.ts";
import { readBehaviourOverview } from "../../layers/monitoring/read-behaviour-overview.ts";
import { readBehaviourSeries } from "../../layers/monitoring/read-behaviour-series.ts";
import { readLearning } from "../../layers/monitoring/read-learning.ts";
import { readScoreParts } from "../../layers/monitoring/read-score-parts.ts";
import { readScoringLag } from "../../layers/monitoring/read-scoring-lag.ts";
import { behaviourSeriesInput } from "../../layers/monitoring/schema.ts";
import { scoreParts, scorePartsInput } from "../../layers/monitoring/score-parts-schema.ts";
import { undoAllowance } from "../../layers/monitoring/undo-allowance.ts";
import { withdrawLearning } from "../../layers/monitoring/withdraw-learning.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

/** Behaviour: one agent's features and scores over time, and changing by two people what is usual for it. */
export const behaviourRouter = router({
  overview: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/behaviour", summary: "Behaviour of all agents at a glance" } })
    .input(behaviourOverviewInput)
    .output(behaviourOverview)
    .query(({ ctx, input }) => readBehaviourOverview(verbContext(ctx), input)),
  lag: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/behaviour/lag", summary: "How far scoring is behind" } })
    .output(scoringLag)
    .query(({ ctx }) => readScoringLag(verbContext(ctx))),
  watched: operatorProcedure
    .meta({
      openapi: { method: "GET", path: "/behaviour/agents", summary: "Agents by score, highest first" },
    })
    .input(watchedAgentsInput)
    .output(watchedAgents)
    .query(({ ctx, input }) => listWatchedAgents(verbContext(ctx), input)),
  series: operatorProcedure
    .input(behaviourSeriesInput)
    .query(({ ctx, input }) => readBehaviourSeries(verbContext(ctx), input)),
  parts: operatorProcedure
    .meta({
      openapi: { method: "GET", path: "/behaviour/parts", summary: "What an agent's scores were made of" },
    })
    .input(scorePartsInput)
    .output(scoreParts)
    .query(({ ctx, input }) => readScoreParts(verbContext(ctx), input)),
  learning: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/agents/{name}/learning" } })
    .input(behaviourOfInput)
    .output(learningView)
    .query(({ ctx, input }) => readLearning(verbContext(ctx), input)),
  versions: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/agents/{name}/baselines" } })
    .input(behaviourOfInput)
    .output(learningView.pick({ agent: true, versions: true }))
    .query(({ ctx, input }) => readLearning(verbContext(ctx), input)),
  propose: operatorProcedure
    .input(proposeLearningInput)
    .output(z.object({ id: z.uuid(), digest: z.string() }))
    .mutation(({ ctx, input }) => proposeLearning(verbContext(ctx), input)),
  decide: steppedUpProcedure
    .input(decideLearningInput)
    .output(
      z.object({
        status: z.enum(["approved", "denied"]),
        done: z.boolean(),
        outcome: z.record(z.string(), z.unknown()).nullable(),
      }),
    )
    .mutation(({ ctx, input }) => decideLearning(verbContext(ctx), input, ctx.stepUp)),
  withdraw: operatorProcedure
    .input(withdrawInput)
    .output(z.void())
    .mutation(({ ctx, input }) => withdrawLearning(verbContext(ctx), input)),
  undoAllowance: operatorProcedure
    .input(undoAllowanceInput)
    .output(z.object({ verdicts: z.number().int() }))
    .mutation(({ ctx, input }) => undoAllowance(verbContext(ctx), input)),
});

import { z } from "zod";
import { scoringLag } from "../../layers/monitoring/lag-schema.ts";
import { learnAgentBaseline } from "../../layers/monitoring/learn-baseline.ts";
import { listWatchedAgents } from "../../layers/monitoring/list-watched-agents.ts";
import {
  behaviourOverview,
  behaviourOverviewInput,
  watchedAgents,
  watchedAgentsInput,
} from "../../layers/monitoring/overview-schema.ts";
import { readBehaviourOverview } from "../../layers/monitoring/read-behaviour-overview.ts";
import { readBehaviourSeries } from "../../layers/monitoring/read-behaviour-series.ts";
import { readScoreParts } from "../../layers/monitoring/read-score-parts.ts";
import { readScoringLag } from "../../layers/monitoring/read-scoring-lag.ts";
import { behaviourSeriesInput } from "../../layers/monitoring/schema.ts";
import { scoreParts, scorePartsInput } from "../../layers/monitoring/score-parts-schema.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

/** Behaviour: one agent's features and scores over time, and learning what is usual anew. */
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
  learn: operatorProcedure
    .input(z.object({ agentId: z.uuid() }))
    .mutation(({ ctx, input }) => learnAgentBaseline(verbContext(ctx), input)),
});

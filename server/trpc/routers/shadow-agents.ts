import { z } from "zod";
import { registerShadowAgent } from "../../flows/register-shadow-agent.ts";
import { dismissShadowAgent } from "../../layers/identity/dismiss-shadow-agent.ts";
import { listShadowAgents } from "../../layers/identity/list-shadow-agents.ts";
import {
  dismissShadowAgentInput,
  listShadowAgentsInput,
  registerShadowAgentInput,
  shadowAgentPage,
} from "../../layers/identity/shadow-schema.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

/** Unknown identities at the doors: the list, and what people make of each. */
export const shadowAgentsRouter = router({
  list: operatorProcedure
    .meta({
      openapi: { method: "GET", path: "/shadow-agents", summary: "Unknown identities, last seen first" },
    })
    .input(listShadowAgentsInput)
    .output(shadowAgentPage)
    .query(({ ctx, input }) => listShadowAgents(verbContext(ctx), input)),
  register: operatorProcedure
    .meta({
      openapi: {
        method: "POST",
        path: "/shadow-agents/{id}/registration",
        summary: "Register an unknown identity as an agent",
      },
    })
    .input(registerShadowAgentInput)
    .output(z.object({ agentId: z.uuid(), did: z.string() }))
    .mutation(({ ctx, input }) => registerShadowAgent(verbContext(ctx), input)),
  dismiss: operatorProcedure
    .meta({
      openapi: {
        method: "POST",
        path: "/shadow-agents/{id}/dismissal",
        summary: "Dismiss an unknown identity, with the reason",
      },
    })
    .input(dismissShadowAgentInput)
    .output(z.object({ state: z.literal("dismissed") }))
    .mutation(({ ctx, input }) => dismissShadowAgent(verbContext(ctx), input)),
});

import { z } from "zod";
import { banAgentAndBelow } from "../../flows/ban-agent.ts";
import { registerAgentWithScopes } from "../../flows/register-agent.ts";
import { setStandingAndBelow } from "../../flows/set-standing.ts";
import { agentCertificates } from "../../layers/identity/certificate-schema.ts";
import { checkAgentCertificates } from "../../layers/identity/check-agent-certificates.ts";
import { listConnectionsInput, observedConnections } from "../../layers/identity/connection-schema.ts";
import { createJoinToken } from "../../layers/identity/create-join-token.ts";
import { registeredFacts } from "../../layers/identity/facts-schema.ts";
import { listAgents } from "../../layers/identity/list-agents.ts";
import { listConnections } from "../../layers/identity/list-connections.ts";
import { listCredentials } from "../../layers/identity/list-credentials.ts";
import { readAgent } from "../../layers/identity/read-agent.ts";
import { readExpiryOverview } from "../../layers/identity/read-expiry-overview.ts";
import {
  agentDetail,
  agentName,
  agentPage,
  agentStatus,
  banAgentInput,
  credentialPage,
  expiryOverview,
  listAgentsInput,
  listCredentialsInput,
  registerAgentInput,
  setAgentStandingInput,
} from "../../layers/identity/schema.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

const registration = registerAgentInput.omit({ demo: true }).extend({
  scopes: z.array(z.string().min(1).max(80)).max(32).default([]),
  facts: registeredFacts.optional(),
});

/** Names of those below it that stopped, resumed or retired with it. */
const below = z.array(agentName);

export const agentsRouter = router({
  list: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/agents", summary: "Agents in order of name" } })
    .input(listAgentsInput)
    .output(agentPage)
    .query(({ ctx, input }) => listAgents(verbContext(ctx), input)),
  get: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/agents/{name}", summary: "One agent and its credentials" } })
    .input(z.object({ name: agentName }))
    .output(agentDetail)
    .query(({ ctx, input }) => readAgent(verbContext(ctx), input)),
  checkCertificates: operatorProcedure
    .meta({
      openapi: {
        method: "GET",
        path: "/agents/{name}/certificates",
        summary: "An agent's newest certificates, decoded, with every check",
      },
    })
    .input(z.object({ name: agentName }))
    .output(agentCertificates)
    .query(({ ctx, input }) => checkAgentCertificates(verbContext(ctx), input)),
  credentials: operatorProcedure
    .meta({
      openapi: {
        method: "GET",
        path: "/credentials",
        summary: "Credentials and how their renewals went, first to end first",
      },
    })
    .input(listCredentialsInput)
    .output(credentialPage)
    .query(({ ctx, input }) => listCredentials(verbContext(ctx), input)),
  connections: operatorProcedure
    .meta({
      openapi: {
        method: "GET",
        path: "/agents/{name}/connections",
        summary: "What an agent's connections negotiated, newest first",
      },
    })
    .input(listConnectionsInput)
    .output(observedConnections)
    .query(({ ctx, input }) => listConnections(verbContext(ctx), input, ctx.env.tlsMinVersion)),
  expiryOverview: operatorProcedure
    .meta({
      openapi: { method: "GET", path: "/credentials/overview", summary: "How many credentials end how soon" },
    })
    .output(expiryOverview)
    .query(({ ctx }) => readExpiryOverview(verbContext(ctx))),
  register: operatorProcedure
    .meta({ openapi: { method: "POST", path: "/agents", summary: "Register an agent" } })
    .input(registration)
    .output(z.object({ agentId: z.uuid(), did: z.string() }))
    .mutation(({ ctx, input }) => registerAgentWithScopes(verbContext(ctx), input)),
  setStanding: operatorProcedure
    .meta({
      openapi: { method: "POST", path: "/agents/{name}/standing", summary: "Suspend, resume or retire" },
    })
    .input(setAgentStandingInput)
    .output(z.object({ status: agentStatus, below }))
    .mutation(({ ctx, input }) => setStandingAndBelow(verbContext(ctx), input)),
  ban: operatorProcedure
    .meta({ openapi: { method: "POST", path: "/agents/{name}/ban", summary: "Ban an agent for good" } })
    .input(banAgentInput)
    .output(z.object({ revoked: z.number().int(), below }))
    .mutation(({ ctx, input }) => banAgentAndBelow(verbContext(ctx), input)),
  createJoinToken: operatorProcedure
    .meta({
      openapi: {
        method: "POST",
        path: "/agents/{name}/join-tokens",
        summary: "A one-time join token, shown once",
      },
    })
    .input(z.object({ name: agentName }))
    .output(z.object({ joinToken: z.string(), expiresAt: z.date(), enrolUrl: z.url() }))
    .mutation(async ({ ctx, input }) => ({
      ...(await createJoinToken(verbContext(ctx), { agentName: input.name })),
      enrolUrl: ctx.env.enrolUrl,
    })),
});

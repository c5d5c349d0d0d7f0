import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Database } from "../../../db/client.ts";
import { checkInService, identifyConnection } from "../../flows/admit-action/identify-caller.ts";
import type { World } from "../../flows/admit-action/world.ts";
import { answerDecision } from "../../flows/answer-decision.ts";
import { InvalidInputError, VigilError } from "../../kernel/errors.ts";
import { action } from "../../layers/monitoring/action.ts";
import { agentRequest } from "../agent-request.ts";
import type { Denials } from "../denials.ts";
import type { Sockets } from "../track-sockets.ts";

const question = z.strictObject({
  /** The access token that the asked-about agent presented. */
  token: z.string().min(1).max(16_384),
  action: z.string().min(1).max(128),
  peer: z.string().min(1).max(128).optional(),
  /** As the action would state them: what the grant's limits are compared with. */
  ...action.pick({
    endpoint: true,
    transactionId: true,
    subjects: true,
    dataAccessed: true,
    details: true,
  }).shape,
});

/** `POST /v1/decisions`: may the agent that presented this token do this, to that? Asked by resource servers, and by agents of themselves and of who calls them. */
export function decisionRoutes(
  app: FastifyInstance,
  deps: {
    db: Database;
    world: World;
    denials: Denials;
    sockets: Sockets;
    origins: ReadonlySet<string>;
    clock: () => Date;
  },
): void {
  app.post("/v1/decisions", async (request) => {
    const now = deps.clock();
    const asked = agentRequest(request, deps);
    const caller = identifyConnection(deps.world, asked, now);
    const step = caller.ok ? checkInService(deps.world, caller.agent) : caller;
    if (!caller.ok || !step.ok) {
      const { refusal } = step as Extract<typeof step, { ok: false }>;
      const agent = caller.ok ? caller.agent : null;
      deps.denials.count({ agent, code: refusal.code, sourceIp: asked.sourceIp }, now);
      throw new VigilError(refusal.code, refusal.status, refusal.message, refusal.facts);
    }
    const body = question.safeParse(request.body);
    if (!body.success)
      throw new InvalidInputError(
        "malformed_question",
        "The question is {token, action, peer?} and, where its grant has limits, endpoint, transactionId, subjects, dataAccessed, details as an action states them.",
      );
    return answerDecision({ db: deps.db, world: deps.world, now }, caller.agent, body.data);
  });
}

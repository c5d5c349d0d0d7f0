import type { FastifyInstance } from "fastify";
import type { Database } from "../../../db/client.ts";
import { checkInService, identifyConnection } from "../../flows/admit-action/identify-caller.ts";
import type { World } from "../../flows/admit-action/world.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { callbackRequest } from "../../layers/identity/schema.ts";
import { setCallback } from "../../layers/identity/set-callback.ts";
import { agentRequest } from "../agent-request.ts";
import type { Denials } from "../denials.ts";
import { refuseCaller } from "../refuse-caller.ts";
import type { Sockets } from "../track-sockets.ts";

/** `PUT /v1/callback`: where the agent, known by its transport certificate, wants to be told of what it waits for. */
export function callbackRoutes(
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
  app.put("/v1/callback", async (request, reply) => {
    const now = deps.clock();
    const asked = agentRequest(request, deps);
    const caller = identifyConnection(deps.world, asked, now);
    if (!caller.ok) throw refuseCaller(deps, asked, null, caller.refusal, now);
    const inService = checkInService(deps.world, caller.agent);
    if (!inService.ok) throw refuseCaller(deps, asked, caller.agent, inService.refusal, now);
    const body = callbackRequest.safeParse(request.body);
    if (!body.success)
      throw new InvalidInputError(
        "malformed_callback",
        "PUT /v1/callback takes {url}: an https URL without credentials or fragment, of at most 1,024 characters.",
      );
    await setCallback({ db: deps.db, now }, { agent: caller.agent, url: body.data.url });
    return reply.code(204).send();
  });
}

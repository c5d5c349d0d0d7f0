import type { FastifyInstance } from "fastify";
import type { Database } from "../../../db/client.ts";
import { checkInService, identifyConnection } from "../../flows/admit-action/identify-caller.ts";
import type { World } from "../../flows/admit-action/world.ts";
import { renewCredential } from "../../flows/renew-credential.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { purpose, renewalRequest } from "../../layers/identity/schema.ts";
import { agentRequest } from "../agent-request.ts";
import type { Denials } from "../denials.ts";
import { refuseCaller } from "../refuse-caller.ts";
import type { Sockets } from "../track-sockets.ts";

/** `POST /v1/credentials/<purpose>`: the next certificate of an agent that is known by its transport certificate. */
export function credentialRoutes(
  app: FastifyInstance,
  deps: {
    db: Database;
    world: World;
    denials: Denials;
    sockets: Sockets;
    origins: ReadonlySet<string>;
    refresh: (did: string) => Promise<void>;
    clock: () => Date;
  },
): void {
  app.post<{ Params: { purpose: string } }>("/v1/credentials/:purpose", async (request) => {
    const now = deps.clock();
    const asked = agentRequest(request, deps);
    const caller = identifyConnection(deps.world, asked, now);
    if (!caller.ok) throw refuseCaller(deps, asked, null, caller.refusal, now);
    const inService = checkInService(deps.world, caller.agent);
    if (!inService.ok) throw refuseCaller(deps, asked, caller.agent, inService.refusal, now);
    const wanted = purpose.safeParse(request.params.purpose);
    const body = renewalRequest.safeParse(request.body);
    if (!wanted.success || !body.success)
      throw new InvalidInputError(
        "malformed_renewal",
        "POST /v1/credentials/<transport|signature|oauth|callback|encryption> takes {csr}: a PEM certificate request.",
      );
    const issued = await renewCredential(
      { db: deps.db, now },
      { agentId: caller.agent.id, purpose: wanted.data, csrPem: body.data.csr },
    );
    await deps.refresh(caller.agent.did);
    return issued;
  });
}

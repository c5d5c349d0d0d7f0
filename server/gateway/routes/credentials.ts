import type { FastifyInstance } from "fastify";
import type { Database } from "../../../db/client.ts";
import { checkInService, identifyConnection } from "../../flows/admit-action/identify-caller.ts";
import type { RequestRefusal, World } from "../../flows/admit-action/world.ts";
import { renewCredential } from "../../flows/renew-credential.ts";
import { InvalidInputError, VigilError } from "../../kernel/errors.ts";
import { purpose, renewalRequest } from "../../layers/identity/schema.ts";
import { agentRequest } from "../agent-request.ts";
import type { Denials } from "../denials.ts";
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
    const caller = identifyConnection(deps.world, agentRequest(request, deps), now);
    const inService = caller.ok ? checkInService(deps.world, caller.agent) : caller;
    if (!caller.ok || !inService.ok) {
      const refusal = (inService as { refusal: RequestRefusal }).refusal;
      const agent = caller.ok ? caller.agent : null;
      const sourceIp = request.raw.socket.remoteAddress ?? "unknown";
      deps.denials.count({ agent, code: refusal.code, sourceIp }, now);
      throw new VigilError(refusal.code, refusal.status, refusal.message, refusal.facts);
    }
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

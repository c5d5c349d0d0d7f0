import type { FastifyInstance } from "fastify";
import type { Database } from "../../../db/client.ts";
import { checkInService, identifyConnection } from "../../flows/admit-action/identify-caller.ts";
import type { World } from "../../flows/admit-action/world.ts";
import { admitSignalSource } from "../../flows/admit-signal-source.ts";
import { takeSignals } from "../../flows/take-signals.ts";
import { VigilError } from "../../kernel/errors.ts";
import { SIGNAL_LIMITS, SIGNALS_PATH } from "../../layers/monitoring/signal-schema.ts";
import { agentRequest } from "../agent-request.ts";
import type { Denials } from "../denials.ts";
import { refuseCaller } from "../refuse-caller.ts";
import type { Sockets } from "../track-sockets.ts";

type Deps = {
  db: Database;
  world: World;
  denials: Denials;
  sockets: Sockets;
  origins: ReadonlySet<string>;
  clock: () => Date;
};

/** `POST /v1/signals`: what another system saw, under the certificate with which it enrolled as a source of signals. */
export function signalRoutes(app: FastifyInstance, deps: Deps): void {
  const { db, world, denials, clock } = deps;
  // The bytes are kept as they came; what type they are called does not matter.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.post(SIGNALS_PATH, { bodyLimit: SIGNAL_LIMITS.bodyBytesMax }, async (request, reply) => {
    const now = clock();
    const asked = agentRequest(request, deps);
    const { sourceIp, body } = asked;
    const caller = identifyConnection(world, asked, now);
    if (!caller.ok) throw refuseCaller(deps, asked, null, caller.refusal, now);
    const { agent } = caller;
    const inService = checkInService(world, agent);
    if (!inService.ok) throw refuseCaller(deps, asked, agent, inService.refusal, now);
    const denial = { agent, code: "not_a_signal_source", sourceIp, signed: false };
    const mayRecord = () => denials.mayRecord(denial, now);
    const { source, actor } = await admitSignalSource({ db, now }, { agent, sourceIp, mayRecord });
    try {
      return await takeSignals({ db, actor, now }, source, {
        body: Buffer.from(body),
        messageId: null,
        sourceIp,
      });
    } catch (error) {
      const seconds = error instanceof VigilError ? error.facts.retryAfterSeconds : undefined;
      if (typeof seconds === "number") reply.header("retry-after", seconds);
      throw error;
    }
  });
}

import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import type { Env } from "../env.ts";
import type { World } from "../flows/admit-action/world.ts";
import type { Admission } from "../flows/admit-action.ts";
import { UnavailableError } from "../kernel/errors.ts";
import { RENEW_HEADER } from "../kernel/renew-header.ts";
import type { KeyStore } from "../keys/key-store.ts";
import type { DoorCertificate } from "../layers/identity/load-door-certificate.ts";
import { ownOrigins } from "./agent-request.ts";
import type { Denials } from "./denials.ts";
import { createDoor } from "./door.ts";
import { LIVE_STATE_AGE_MS_MAX } from "./live-state/open-live-state.ts";
import { registerOauthRoutes } from "./oauth/routes.ts";
import type { Presence } from "./presence.ts";
import { actionRoutes } from "./routes/actions.ts";
import { callbackRoutes } from "./routes/callback.ts";
import { credentialRoutes } from "./routes/credentials.ts";
import { decisionRoutes } from "./routes/decisions.ts";
import type { Sockets } from "./track-sockets.ts";

const BODY_BYTES_MAX = 64 * 1024;

/** The agents' own door: no handshake without a certificate of the transport authority, no answer from stale state. */
export async function createAgentsDoor(deps: {
  db: Database;
  env: Env;
  keys: KeyStore;
  log: Logger;
  certificate: DoorCertificate;
  admission: Admission;
  denials: Denials;
  sockets: Sockets;
  presence: Presence;
  stateAgeMs: () => number;
  refresh: (did: string) => Promise<void>;
  clock: () => Date;
}): Promise<FastifyInstance> {
  const { db, env, keys, log, certificate, admission, denials, sockets, clock } = deps;
  const { key, cert, ca } = certificate;
  const app = createDoor({ key, cert, ca, requestCert: true, rejectUnauthorized: true }, BODY_BYTES_MAX, {
    log,
    onConnection: (socket) => sockets.add(socket),
    onRefusedHandshake: (code, sourceIp) => denials.count({ agent: null, code, sourceIp }, clock()),
  });
  app.addHook("onRequest", async () => {
    const ageMs = deps.stateAgeMs();
    if (ageMs > LIVE_STATE_AGE_MS_MAX)
      throw new UnavailableError(
        "state_stale",
        "This gateway has not heard from its database for 5 seconds, so it admits nothing. Try again.",
      );
  });
  app.addHook("onSend", (request, reply, _payload, done) => {
    const asked = renewalsAsked(admission.world, sockets.thumbprintOf(request.raw.socket));
    if (asked) reply.header(RENEW_HEADER, asked);
    done();
  });
  const origins = ownOrigins(env.gatewayUrl, env.gatewayPort);
  const { world } = admission;
  await app.register(async (scope) => actionRoutes(scope, { ...deps, origins }));
  await app.register(async (scope) => credentialRoutes(scope, { ...deps, world, origins }));
  await app.register(async (scope) => callbackRoutes(scope, { ...deps, world, origins }));
  await app.register(async (scope) => decisionRoutes(scope, { db, world, denials, sockets, origins, clock }));
  await app.register(async (scope) => registerOauthRoutes(scope, { db, env, keys, log }));
  return app;
}

/** What the agent of this connection should renew now, or null: nearly always. */
function renewalsAsked(world: World, thumbprint: string | null): string | null {
  const credential = thumbprint === null ? undefined : world.transportCredential(thumbprint);
  const agent = credential && world.agent(credential.agentId);
  return agent && agent.renew.length > 0 ? agent.renew.join(", ") : null;
}

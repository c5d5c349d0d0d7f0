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
import { CLAIMED_CERTIFICATE, type Denials } from "./denials.ts";
import { createDoor } from "./door.ts";
import { LIVE_STATE_AGE_MS_MAX } from "./live-state/open-live-state.ts";
import { registerOauthRoutes } from "./oauth/routes.ts";
import type { TokenKeys } from "./oauth/token-keys.ts";
import { type Connections, negotiatedBy } from "./observe-connections.ts";
import { forwardedPeer } from "./peer.ts";
import type { Presence } from "./presence.ts";
import type { RevocationFeed } from "./revocations/create-feed.ts";
import { actionRoutes } from "./routes/actions.ts";
import { callbackRoutes } from "./routes/callback.ts";
import { credentialRoutes } from "./routes/credentials.ts";
import { decisionRoutes } from "./routes/decisions.ts";
import { revocationRoutes } from "./routes/revocations.ts";
import { signalRoutes } from "./routes/signals.ts";
import type { Sightings } from "./sightings.ts";
import type { Sockets } from "./track-sockets.ts";

export const BODY_BYTES_MAX = 64 * 1024;

export type AgentsDoorDeps = {
  db: Database;
  env: Env;
  keys: KeyStore;
  tokenKeys: TokenKeys;
  log: Logger;
  certificate: DoorCertificate;
  admission: Admission;
  denials: Denials;
  sockets: Sockets;
  presence: Presence;
  connections: Connections;
  sightings: Sightings;
  feed: RevocationFeed;
  stateAgeMs: () => number;
  refresh: (did: string) => Promise<void>;
  clock: () => Date;
};

/** The agents' own door: no handshake without a certificate of the transport authority, no answer from stale state. */
export async function createAgentsDoor(deps: AgentsDoorDeps): Promise<FastifyInstance> {
  const { env, log, certificate, denials, sockets, connections, sightings, clock } = deps;
  const { key, cert, ca } = certificate;
  const app = createDoor({ key, cert, ca, minVersion: env.tlsMinVersion }, BODY_BYTES_MAX, {
    log,
    onConnection: (socket) => {
      const now = clock();
      const shown = sockets.add(socket);
      if (!shown) return;
      connections.seen({ ...negotiatedBy(socket), thumbprint: shown.thumbprint, path: "direct" }, now);
      sightings.certificate("certificate_unknown", shown, socket.remoteAddress ?? "unknown", now);
    },
    onRefusedHandshake: (code, sourceIp, shown) => {
      const now = clock();
      denials.count({ agent: null, code, sourceIp }, now);
      if (shown) sightings.certificate("certificate_foreign", { certificate: shown }, sourceIp, now);
    },
    onClaimedCertificate: (sourceIp) =>
      denials.count({ agent: null, code: CLAIMED_CERTIFICATE, sourceIp }, clock()),
  });
  await registerAgentRoutes(app, deps);
  return app;
}

/** What agents may ask, on whichever door they came in by. */
export async function registerAgentRoutes(app: FastifyInstance, deps: AgentsDoorDeps): Promise<void> {
  const { db, env, log, admission, denials, sockets, clock } = deps;
  app.addHook("onRequest", async () => {
    const ageMs = deps.stateAgeMs();
    if (ageMs > LIVE_STATE_AGE_MS_MAX)
      throw new UnavailableError(
        "state_stale",
        "This gateway has not heard from its database for 5 seconds, so it admits nothing. Try again.",
      );
  });
  app.addHook("onSend", (request, reply, _payload, done) => {
    const thumbprint = forwardedPeer(request.raw)?.thumbprint ?? sockets.thumbprintOf(request.raw.socket);
    const asked = renewalsAsked(admission.world, thumbprint);
    if (asked) reply.header(RENEW_HEADER, asked);
    done();
  });
  const origins = ownOrigins(env.gatewayUrl, env.gatewayPort);
  const { world } = admission;
  await app.register(async (scope) => actionRoutes(scope, { ...deps, origins }));
  await app.register(async (scope) => credentialRoutes(scope, { ...deps, world, origins }));
  await app.register(async (scope) => callbackRoutes(scope, { ...deps, world, origins }));
  await app.register(async (scope) => revocationRoutes(scope, { ...deps, world, origins }));
  await app.register(async (scope) => signalRoutes(scope, { db, world, denials, sockets, origins, clock }));
  await app.register(async (scope) => decisionRoutes(scope, { db, world, denials, sockets, origins, clock }));
  await app.register(async (scope) =>
    registerOauthRoutes(scope, { db, env, log, tokenKeys: deps.tokenKeys, sightings: deps.sightings }),
  );
}

/** What the agent of this connection should renew now, or null: nearly always. */
function renewalsAsked(world: World, thumbprint: string | null): string | null {
  const credential = thumbprint === null ? undefined : world.transportCredential(thumbprint);
  const agent = credential && world.agent(credential.agentId);
  return agent && agent.renew.length > 0 ? agent.renew.join(", ") : null;
}

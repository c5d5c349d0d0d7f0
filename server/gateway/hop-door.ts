import type { X509Certificate } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { hopNetworks, type TrustedHops } from "../kernel/trusted-hops.ts";
import { type AgentsDoorDeps, BODY_BYTES_MAX, registerAgentRoutes } from "./agents-door.ts";
import { believeHop } from "./believe-hop.ts";
import { createDoor } from "./door.ts";

/**
 * The agents' door for proxies that end the agents' TLS. A hop proves itself by the key of a pinned certificate, and
 * from a named network where networks are named; then each of its requests is its client's, by the certificate it
 * forwards. A door of its own, so that no agent's connection is ever believed about anybody but itself.
 */
export async function createHopDoor(
  deps: AgentsDoorDeps & { hops: TrustedHops; anchors: () => readonly X509Certificate[] },
): Promise<FastifyInstance> {
  const { env, log, certificate, denials, clock, hops } = deps;
  const within = hopNetworks(hops);
  const pins = new Map(hops.pins.map(({ sha256, field }) => [sha256, field]));
  const count = (code: string, sourceIp: string) => denials.count({ agent: null, code, sourceIp }, clock());
  const app = createDoor(
    {
      key: certificate.key,
      cert: certificate.cert,
      minVersion: env.tlsMinVersion,
      isPinned: (sha256, address) => pins.has(sha256) && within(address),
    },
    BODY_BYTES_MAX,
    { log, onRefusedHandshake: count, onClaimedCertificate: () => undefined, keepsClaimedCertificates: true },
  );
  const believe = believeHop(deps, pins);
  app.addHook("onRequest", async (request) => believe(request.raw, clock()));
  await registerAgentRoutes(app, deps);
  return app;
}

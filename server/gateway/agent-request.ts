import type { FastifyRequest } from "fastify";
import type { AgentRequest } from "../flows/admit-action/world.ts";
import { UnauthenticatedError, VigilError } from "../kernel/errors.ts";
import { forwardedPeer } from "./peer.ts";
import type { Sockets } from "./track-sockets.ts";

/** Origins under which agents may address this gateway: its public one, and this machine's. */
export function ownOrigins(gatewayUrl: string, port: number): ReadonlySet<string> {
  return new Set([new URL(gatewayUrl).origin, `https://localhost:${port}`, `https://127.0.0.1:${port}`]);
}

/**
 * A request as admission sees it. The target URI is what the client addressed, so that its signature can be
 * checked; a host that is not this gateway's is refused, or a signature made for another would count here.
 *
 * @throws UnauthenticatedError `certificate_missing`. @throws VigilError `misdirected` (421).
 */
export function agentRequest(
  request: FastifyRequest,
  door: { sockets: Sockets; origins: ReadonlySet<string> },
): AgentRequest {
  const peer = forwardedPeer(request.raw);
  const thumbprint = peer?.thumbprint ?? door.sockets.thumbprintOf(request.raw.socket);
  if (!thumbprint)
    throw new UnauthenticatedError("certificate_missing", "The connection has no client certificate.");
  const origin = `https://${request.headers.host ?? ""}`;
  if (!door.origins.has(origin))
    throw new VigilError("misdirected", 421, "This gateway does not answer for the host that was addressed.");
  return {
    method: request.method,
    targetUri: origin + request.url,
    headers: request.headers as Record<string, string | undefined>,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    thumbprint,
    sourceIp: peer?.sourceIp ?? request.raw.socket.remoteAddress ?? "unknown",
    contentType: (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "",
    trace: traceOf(request.headers.traceparent),
  };
}

/** The trace id of a W3C `traceparent`, where it is well formed. */
function traceOf(header: string | string[] | undefined): string | undefined {
  return typeof header === "string"
    ? /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(header)?.[1]
    : undefined;
}

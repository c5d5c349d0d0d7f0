import type { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The agent's side of a request that came through a trusted hop: its certificate, verified again, and its address. */
export type ForwardedPeer = { certificate: X509Certificate; thumbprint: string; sourceIp: string };

const peers = new WeakMap<IncomingMessage, ForwardedPeer>();

/** Says whose request this is, on the hops' door alone and before anything else looks at it. */
export function setForwardedPeer(request: IncomingMessage, peer: ForwardedPeer): void {
  peers.set(request, peer);
}

/** Whose request this is, where a trusted hop forwarded it; undefined on an agent's own connection. */
export function forwardedPeer(request: IncomingMessage): ForwardedPeer | undefined {
  return peers.get(request);
}

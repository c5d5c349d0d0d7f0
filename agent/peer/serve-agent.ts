import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { AgentError } from "../errors.ts";
import { answerCall, type PeerCall } from "./answer-call.ts";
import type { Peering, Touched } from "./peering.ts";
import { readCall } from "./read-call.ts";
import { KEEP_ALIVE_MS, type PeerProof, peerTls, proofOf } from "./tls-options.ts";

/** Bounds of what an unproved peer can hold: the doors' own. */
const LIMITS = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
  /** A little longer than callers keep their end, so that they close first. */
  keepAliveTimeout: KEEP_ALIVE_MS + 5_000,
};
const CONNECTIONS_MAX = 1_000;

export type ServeOptions = {
  host?: string;
  port: number;
  /** Answers a call that is allowed. */
  onCall: (call: PeerCall) => unknown;
  /**
   * What a call is about, from its own words: asked before the decision, and compared with the limits of the caller's
   * grant. Where it is left out, a call under a grant with limits is refused.
   */
  touched?: (call: { action: string; body: unknown }) => Touched;
  /** Told of each refusal: who, and the check or code. */
  onRefusal?: (refusal: { agent: string | null; code: string; message: string }) => void;
};

export type ServedAgent = { url: string; close: () => Promise<void> };

/**
 * Serves calls of other agents over mutual TLS 1.3 with this agent's transport certificate. Each request, also on a
 * connection that is open, is judged anew: the caller's certificate against the newest lists, and whether Vigil allows
 * the call. A renewed certificate is shown to new connections at once.
 *
 * @throws Error where the port cannot be had.
 */
export async function serveAgent(peering: Peering, options: ServeOptions): Promise<ServedAgent> {
  const tls = () => peerTls(peering.transport(), peering.identity.rootPem);
  const server = createServer({ ...tls(), ...LIMITS, requestCert: true }, (request, response) => {
    const proof = proofs.get(request.socket as TLSSocket);
    if (!proof) return void request.socket.destroy();
    answerCall(peering, options, proof, readCall(request)).then(
      ({ status, body, close }) => {
        if (response.destroyed) return;
        response.shouldKeepAlive = response.shouldKeepAlive && !close;
        response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
        response.end(JSON.stringify(body));
      },
      () => request.socket.destroy(),
    );
  });
  const proofs = new WeakMap<TLSSocket, PeerProof>();
  server.maxConnections = CONNECTIONS_MAX;
  server.prependListener("secureConnection", (socket) => {
    proofs.set(socket, proofOf(socket));
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.on("clientError", (_error, socket) => socket.destroy());
  const forget = peering.onNewTransport(() => server.setSecureContext(tls()));
  const host = options.host ?? "127.0.0.1";
  await listen(server, options.port, host);
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    close: async () => {
      forget();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new AgentError(
          "cannot_listen",
          0,
          `${host}:${port} cannot be served: ${error.code ?? error.message}.`,
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}

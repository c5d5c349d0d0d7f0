import type { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Server } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import fastify, { type FastifyError, type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { VigilError } from "../kernel/errors.ts";
import type { TlsVersion } from "../layers/identity/connection-schema.ts";
import { checkHandshake } from "./check-handshake.ts";
import { errorReply } from "./error-reply.ts";
import { removeClaimedCertificates } from "./remove-claimed-certificates.ts";
import { tlsOptions } from "./tls-options.ts";

const HANDSHAKE_MS_MAX = 10_000;
const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 30_000;
const IDLE_MS_MAX = 65_000;
const HEADER_BYTES_MAX = 16 * 1024;
const CONNECTIONS_MAX = 10_000;
/** A body that is too large is read and thrown away up to this, so that its sender can read why it was refused. */
const DRAIN_BYTES_MAX = 32 * 1024 * 1024;

/** A door's own key and certificate, and whom it asks for one. */
export type DoorTls = {
  key: string;
  cert: string;
  /** The lowest version that is negotiated; TLS 1.3 where nothing is said. */
  minVersion?: TlsVersion;
  /** The authorities whose clients get in, and nobody else; without it no certificate is asked for. */
  ca?: string[];
  /** Instead of authorities: the one who decides over a connection's certificate, by its SHA-256 in hex. */
  isPinned?: (sha256: string, address: string) => boolean;
};

/** What a door does beside answering. */
export type DoorHooks = {
  log: Logger;
  /** A handshake that failed: nobody was proved. `certificate` is the client's, where it showed one that did not count. */
  onRefusedHandshake: (code: string, address: string, certificate?: X509Certificate) => void;
  /** A request that named a client certificate in a header, which is not believed here and was taken off. */
  onClaimedCertificate: (address: string) => void;
  /** This door's own requests speak for others: what their headers say of certificates is left for its hooks. */
  keepsClaimedCertificates?: boolean;
  onConnection?: (socket: TLSSocket) => void;
};

/**
 * An HTTPS door: the versions and suites of the policy alone, every wait and every size bounded, errors as
 * `{error: {code, message, facts}}`.
 *
 * @param bodyBytesMax limit of any body that a route does not set for itself.
 */
export function createDoor(tls: DoorTls, bodyBytesMax: number, hooks: DoorHooks): FastifyInstance {
  const app = fastify({
    https: {
      ...tlsOptions(tls),
      handshakeTimeout: HANDSHAKE_MS_MAX,
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    bodyLimit: bodyBytesMax,
    requestTimeout: REQUEST_MS_MAX,
    connectionTimeout: IDLE_MS_MAX,
    keepAliveTimeout: IDLE_MS_MAX,
    forceCloseConnections: "idle",
    logger: false,
    clientErrorHandler: answerClientError,
  }) as unknown as FastifyInstance;
  guardHandshakes(app.server as unknown as Server, tls, hooks);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("cache-control", "no-store");
    if (!hooks.keepsClaimedCertificates && removeClaimedCertificates(request.raw))
      hooks.onClaimedCertificate(request.raw.socket.remoteAddress ?? "unknown");
    const limit = request.routeOptions.bodyLimit ?? bodyBytesMax;
    const length = Number(request.headers["content-length"] ?? 0);
    if (length <= limit) return;
    if (length <= DRAIN_BYTES_MAX) await drain(request.raw);
    else reply.header("connection", "close");
    throw new VigilError("body_too_large", 413, `The body has ${length} bytes; at most ${limit} are taken.`, {
      bytes: length,
      bytesMax: limit,
    });
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, headers, body } = errorReply(error, request.headers.authorization);
    if (status >= 500) hooks.log[status === 503 ? "warn" : "error"]({ err: error }, "a request failed");
    return reply.code(status).headers(headers).send(body);
  });
  app.setNotFoundHandler((request) => {
    throw new VigilError(
      "not_found",
      404,
      `There is nothing at ${request.method} ${request.url.slice(0, 200)}.`,
    );
  });
  return app;
}

/** Counts the handshakes that fail, and ends connections whose certificate does not count before they are heard. */
function guardHandshakes(server: Server, tls: DoorTls, hooks: DoorHooks): void {
  server.maxConnections = CONNECTIONS_MAX;
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) =>
    hooks.onRefusedHandshake(error.code ?? "handshake_failed", socket.remoteAddress ?? "unknown"),
  );
  // Before the HTTP parser's own listener: of a connection that is refused here not one byte is read.
  server.prependListener("secureConnection", (socket: TLSSocket) => {
    const refused = checkHandshake(socket, tls);
    if (!refused) return hooks.onConnection?.(socket);
    hooks.onRefusedHandshake(refused.code, socket.remoteAddress ?? "unknown", refused.certificate);
    socket.destroy();
  });
}

/** Hands the door a new certificate; connections that are open keep the old one. */
export function renewCertificate(door: FastifyInstance, tls: DoorTls): void {
  (door.server as unknown as Server).setSecureContext(tlsOptions(tls));
}

function drain(body: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    body
      .on("end", resolve)
      .on("close", resolve)
      .on("error", () => resolve())
      .resume();
  });
}

/** What cannot be read as HTTP is answered on the bare socket; a failed handshake has no one to answer. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET" || error.code?.startsWith("ERR_SSL")) {
    socket.destroy();
    return;
  }
  const overflow = error.code === "HPE_HEADER_OVERFLOW";
  const late = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const status = overflow
    ? "431 Request Header Fields Too Large"
    : late
      ? "408 Request Timeout"
      : "400 Bad Request";
  const code = overflow ? "headers_too_large" : late ? "request_too_slow" : "malformed_request";
  const body = JSON.stringify({
    error: { code, message: "The request is not readable as HTTP.", facts: {} },
  });
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

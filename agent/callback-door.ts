import type { KeyObject } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { JSONWebKeySet } from "jose";
import { CALLBACK_AGE_MS_MAX, CALLBACK_MEDIA_TYPE, type CallbackMessage } from "../server/kernel/callback.ts";
import { AgentError } from "./errors.ts";
import { readCallback } from "./read-callback.ts";
import type { Credential } from "./state.ts";

const BODY_BYTES_MAX = 64 * 1024;
/** Ids of what was taken in, kept as long as a statement may be believed. */
const TAKEN_MAX = 10_000;
type Taken = Map<string, { at: number; done: Promise<void> }>;

export type CallbackDoorOptions = {
  port: number;
  host?: string;
  /** Told once for each message, however often it comes. Where it throws, Vigil sends the message again. */
  onCallback: (message: CallbackMessage) => void | Promise<void>;
  onWarning: (warning: Error) => void;
};

/** What the door needs of the agent. */
export type CallbackSource = {
  certificate: () => Credential;
  decryptionKey: (keyId: string) => KeyObject | undefined;
  issuer: string;
  did: string;
  keySet: (again: boolean) => Promise<JSONWebKeySet>;
  now: () => Date;
};

/**
 * The agent's own server, under its callback certificate: Vigil tells it here what it waits for. Anybody may connect;
 * only what Vigil signed and encrypted for this agent is taken in, each message once.
 */
export async function openCallbackDoor(
  source: CallbackSource,
  options: CallbackDoorOptions,
): Promise<{ port: number; renewed: () => void; close: () => Promise<void> }> {
  const tls = () => ({ key: source.certificate().keyPem, cert: source.certificate().certificatePem });
  const taken: Taken = new Map();
  const server: Server = createServer(
    { ...tls(), minVersion: "TLSv1.3", requestTimeout: 10_000, headersTimeout: 5_000 },
    (request, response) => {
      takeIn(source, options, taken, request).then(
        () => response.writeHead(204).end(),
        (error: unknown) => refuse(response, error, options),
      );
    },
  );
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    renewed: () => server.setSecureContext({ ...tls(), minVersion: "TLSv1.3" }),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function takeIn(
  source: CallbackSource,
  { onCallback }: CallbackDoorOptions,
  taken: Taken,
  request: IncomingMessage,
): Promise<void> {
  if (request.method !== "POST") throw new AgentError("unknown_path", 405, "Callbacks are posted.");
  if (request.headers["content-type"] !== CALLBACK_MEDIA_TYPE)
    throw new AgentError("callback_unreadable", 415, `A callback is ${CALLBACK_MEDIA_TYPE}.`);
  const sealed = await readText(request);
  const now = source.now();
  const message = await readCallback(sealed, { ...source, now });
  for (const [id, { at }] of taken)
    if (now.getTime() - at > 2 * CALLBACK_AGE_MS_MAX || taken.size >= TAKEN_MAX) taken.delete(id);
    else break;
  // Who sends it again while it is still being taken in gets the same answer, not an earlier one.
  const held = taken.get(message.id) ?? { at: now.getTime(), done: (async () => onCallback(message))() };
  taken.set(message.id, held);
  try {
    await held.done;
  } catch (error) {
    taken.delete(message.id);
    throw error;
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new AgentError("body_too_large", 413, "The body is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Whoever is not Vigil learns nothing of why. */
function refuse(response: ServerResponse, error: unknown, { onWarning }: CallbackDoorOptions): void {
  onWarning(error instanceof Error ? error : new Error(String(error)));
  // What failed on this side, such as Vigil being away, is no answer of Vigil's: the message comes again.
  const status = error instanceof AgentError && error.status >= 400 ? error.status : 503;
  if (!response.destroyed) response.writeHead(status, { connection: "close" }).end();
}

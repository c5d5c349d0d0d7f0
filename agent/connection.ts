import { Agent, request } from "undici";
import { RENEW_HEADER } from "../server/kernel/renew-header.ts";
import { PURPOSES, type Purpose } from "../server/layers/identity/schema.ts";
import { type DoorAnswer, retryAfterMs } from "./answer.ts";
import type { Credential } from "./state.ts";

const ANSWER_MS_MAX = 15_000;
/** How long a connection that nothing uses stays open. */
export const KEEP_ALIVE_MS = 60_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** One request as it goes over the wire: sent again, it is the same to the last byte. */
export type Sending = {
  method: "GET" | "POST" | "PUT";
  url: string;
  headers: Record<string, string>;
  body?: Buffer | string;
};

/** Pooled, kept-alive connections to one Vigil; TLS 1.3, with the root as the only authority. */
export type Connection = {
  send: (sending: Sending) => Promise<DoorAnswer>;
  close: () => Promise<void>;
};

/**
 * Opens connections on demand.
 *
 * @param transport what the agent proves itself with; null for the doors that ask for no certificate.
 * @param now for a `Retry-After` that is a date.
 */
export function openConnection(
  rootPem: string,
  transport: Credential | null,
  options: {
    connections?: number | undefined;
    now: () => Date;
    /** Told the instant that an answer carries. */
    onServerTime?: (at: Date) => void;
    /** Told what Vigil asks this agent to renew now. */
    onRenewAsked?: (purposes: readonly Purpose[]) => void;
  },
): Connection {
  const dispatcher = new Agent({
    connections: options.connections ?? 4,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: ANSWER_MS_MAX,
    maxResponseSize: ANSWER_BYTES_MAX,
    connect: {
      ca: rootPem,
      minVersion: "TLSv1.3",
      ...(transport ? { key: transport.keyPem, cert: transport.certificatePem } : {}),
    },
  });
  return {
    send: async ({ method, url, headers, body }) => {
      const answer = await request(url, { dispatcher, method, headers, body: body ?? null });
      const text = await answer.body.text();
      const at = Date.parse(String(answer.headers.date));
      if (!Number.isNaN(at)) options.onServerTime?.(new Date(at));
      const asked = purposesIn(answer.headers[RENEW_HEADER]);
      if (asked.length > 0) options.onRenewAsked?.(asked);
      return {
        status: answer.statusCode,
        body: parseJson(text),
        retryAfterMs: retryAfterMs(answer.headers["retry-after"], options.now()),
      };
    },
    close: async () => {
      if (!dispatcher.closed) await dispatcher.close();
    },
  };
}

/** A purpose that this version does not know is passed over. */
function purposesIn(field: string | string[] | undefined): Purpose[] {
  const named = [field ?? []].flat().join(",").split(",");
  return PURPOSES.filter((purpose) => named.some((name) => name.trim() === purpose));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { Agent, request } from "undici";
import { AgentError } from "../errors.ts";
import type { Credential } from "../state.ts";
import { createEventParser, type ServerEvent } from "./parse-events.ts";

/** A stream without a pulse for so long is dead: Vigil sends one each second. */
const SILENCE_MS_MAX = 5_000;
const CONNECT_MS_MAX = 5_000;

/**
 * Reads one stream of server-sent events until it ends, on a connection of its own.
 *
 * @param lastEventId where to go on; null for the present state.
 * @throws AgentError the refusal's code; other errors where the connection was lost, silent, or not what was expected.
 */
export async function openEvents(
  source: { url: string; rootPem: string; transport: Credential; signal: AbortSignal },
  lastEventId: string | null,
  onEvent: (event: ServerEvent) => void,
): Promise<void> {
  const { url, rootPem, transport, signal } = source;
  const dispatcher = new Agent({
    connections: 1,
    headersTimeout: SILENCE_MS_MAX,
    bodyTimeout: SILENCE_MS_MAX,
    connectTimeout: CONNECT_MS_MAX,
    connect: { ca: rootPem, minVersion: "TLSv1.3", key: transport.keyPem, cert: transport.certificatePem },
  });
  try {
    const headers = { accept: "text/event-stream", ...(lastEventId ? { "last-event-id": lastEventId } : {}) };
    const answer = await request(url, { dispatcher, headers, signal });
    if (answer.statusCode !== 200) throw refusal(answer.statusCode, await answer.body.text());
    const parse = createEventParser();
    const text = new TextDecoder();
    for await (const chunk of answer.body)
      for (const event of parse(text.decode(chunk as Buffer, { stream: true }))) onEvent(event);
  } finally {
    await dispatcher.destroy();
  }
}

function refusal(status: number, body: string): AgentError {
  const { code, message } = errorIn(body);
  return new AgentError(code ?? "refused", status, message ?? `Vigil answered ${status}.`);
}

function errorIn(body: string): { code?: string; message?: string } {
  try {
    return (JSON.parse(body) as { error?: { code?: string; message?: string } }).error ?? {};
  } catch {
    return {};
  }
}

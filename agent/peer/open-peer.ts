import { Agent, type buildConnector, request } from "undici";
import { refusalOf } from "../answer.ts";
import { AgentError } from "../errors.ts";
import { connectPeer, type OpenConnections } from "./connect-peer.ts";
import { firstFault, judgePeer } from "./judge-peer.ts";
import type { Peering } from "./peering.ts";
import { CALLS_PATH } from "./read-call.ts";
import { KEEP_ALIVE_MS, type PeerProof } from "./tls-options.ts";

const ANSWER_MS_MAX = 15_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** Pooled connections to one agent, which proves itself by name on each of them. */
export type Peer = {
  /** @throws AgentError `peer_refused` with the checks, the peer's own refusal, or `unreachable`. */
  call: (action: string, body?: unknown, scopes?: readonly string[]) => Promise<unknown>;
  close: () => Promise<void>;
};

/**
 * Opens connections to the agent `expected` at a URL: TLS 1.3 with session resumption, kept alive for 300 s. Whoever
 * answers there must be that agent by its SPIFFE id; host names say nothing. Before each call the open connections'
 * certificates are judged again, and those that no longer hold are cut.
 */
export function openPeer(peering: Peering, url: string, expected: string): Peer {
  const open: OpenConnections = new Map();
  const judge = async (proof: PeerProof): Promise<AgentError | null> => {
    const now = peering.now();
    const { outcome, checks } = judgePeer(proof, await peering.trust.current(now), expected, now);
    if (outcome === "allow") return null;
    const facts = { checks: checks.filter((check) => !check.passed) };
    return new AgentError(
      "peer_refused",
      0,
      `${url} is not ${expected}, or not now. ${firstFault(checks)}`,
      facts,
    );
  };
  const pool = () => ({
    thumbprint: peering.transport().thumbprint,
    dispatcher: createPool(connectPeer(peering, expected, open, judge)),
  });
  let current = pool();
  return {
    call: async (action, body, scopes) => {
      if (current.thumbprint !== peering.transport().thumbprint) {
        const before = current.dispatcher;
        current = pool();
        void before.close();
      }
      for (const [socket, proof] of open) {
        const refusal = await judge(proof);
        if (refusal) socket.destroy(refusal);
      }
      const authorization = `Bearer ${await peering.bearer(scopes)}`;
      return send(current.dispatcher, new URL(CALLS_PATH, url), authorization, { action, body });
    },
    close: () => current.dispatcher.close(),
  };
}

function createPool(connect: buildConnector.connector): Agent {
  return new Agent({
    connections: 4,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: ANSWER_MS_MAX,
    maxResponseSize: ANSWER_BYTES_MAX,
    connect,
  });
}

async function send(dispatcher: Agent, url: URL, authorization: string, call: object): Promise<unknown> {
  try {
    const headers = { authorization, "content-type": "application/json" };
    const answer = await request(url, { dispatcher, method: "POST", headers, body: JSON.stringify(call) });
    const text = await answer.body.text();
    const body = parseJson(text);
    if (answer.statusCode === 200) return body;
    throw refusalOf({ status: answer.statusCode, body, retryAfterMs: null });
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new AgentError("unreachable", 0, `${url.origin} did not answer: ${code ?? message}.`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

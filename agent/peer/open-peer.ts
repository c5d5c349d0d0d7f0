import type { TLSSocket } from "node:tls";
import { Agent, buildConnector, request } from "undici";
import { agentSpiffeId } from "../../server/layers/identity/engine/names.ts";
import { refusalOf } from "../answer.ts";
import { AgentError } from "../errors.ts";
import { firstFault, judgePeer } from "./judge-peer.ts";
import type { Peering } from "./peering.ts";
import { CALLS_PATH } from "./read-call.ts";
import { KEEP_ALIVE_MS, type PeerProof, peerTls, proofOf } from "./tls-options.ts";

const ANSWER_MS_MAX = 15_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const CONNECT_MS_MAX = 10_000;

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
  const open = new Map<TLSSocket, PeerProof>();
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
    dispatcher: createPool(peering, expected, open, judge),
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

function createPool(
  peering: Peering,
  expected: string,
  open: Map<TLSSocket, PeerProof>,
  judge: (proof: PeerProof) => Promise<AgentError | null>,
): Agent {
  const connect = buildConnector({
    ...peerTls(peering.transport(), peering.identity.rootPem),
    checkServerIdentity: spiffeIdentity(expected),
    allowH2: false,
    timeout: CONNECT_MS_MAX,
  });
  return new Agent({
    connections: 4,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: ANSWER_MS_MAX,
    maxResponseSize: ANSWER_BYTES_MAX,
    connect: (options, callback) =>
      connect(options, (error, socket) => {
        if (error) return callback(error, null);
        const peer = socket as TLSSocket;
        const proof = proofOf(peer);
        judge(proof).then(
          (refusal) => {
            if (refusal || peer.destroyed) {
              peer.destroy();
              return callback(refusal ?? new AgentError("unreachable", 0, "The peer hung up."), null);
            }
            open.set(peer, proof);
            peer.once("close", () => open.delete(peer));
            return callback(null, peer);
          },
          (fault: Error) => {
            peer.destroy();
            callback(fault, null);
          },
        );
      }),
  });
}

/** TLS asks whether the certificate is the expected one's: by the one URI it names, whatever host was dialled. */
export function spiffeIdentity(expected: string | null) {
  return (_host: string, certificate: { subjectaltname?: string }): Error | undefined => {
    const wanted = expected === null ? null : `URI:${agentSpiffeId(expected)}`;
    return wanted === null || certificate.subjectaltname === wanted
      ? undefined
      : new Error(`the certificate names ${certificate.subjectaltname ?? "nobody"}, not ${wanted}`);
  };
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

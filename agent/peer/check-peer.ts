import { connect, type TLSSocket } from "node:tls";
import type { Check } from "../../server/kernel/decision.ts";
import type { CertificateFields } from "../../server/layers/identity/certificate-schema.ts";
import { describeCertificate } from "../../server/layers/identity/engine/chain/describe-certificate.ts";
import { plain } from "../../server/layers/identity/engine/chain/general-names.ts";
import { AgentError } from "../errors.ts";
import { spiffeIdentity } from "./connect-peer.ts";
import { judgePeer } from "./judge-peer.ts";
import type { Peering } from "./peering.ts";
import { PEER_PATH } from "./read-call.ts";
import { type PeerProof, peerTls, proofOf } from "./tls-options.ts";

/** What a handshake with a peer showed: facts of the connection, the peer's certificates, and every check. */
export type PeerReport = {
  outcome: "allow" | "deny";
  /** Null where no handshake came about. */
  tls: { version: string; cipher: string; resumed: boolean; resumable: boolean } | null;
  agent: string | null;
  checks: Check[];
  certificates: CertificateFields[];
};

const WAIT_MS_MAX = 5_000;
const ANSWER_CHARS_MAX = 64 * 1024;

/** One connection: what it proved, the session it may be resumed with, and what the peer said to `GET /v1/peer`. */
type Knock = { proof: PeerProof; session: Buffer | null; said: string };

/**
 * Does the handshake with a peer as this agent, then once more with the first one's session, and judges the peer by
 * every check there is. The peer's own verdict over this agent is one of them.
 *
 * @param expected the agent that must answer there; null for any.
 * @throws AgentError `unreachable` where nobody answers, `trust_unavailable`.
 */
export async function checkPeer(peering: Peering, url: string, expected: string | null): Promise<PeerReport> {
  const now = peering.now();
  const trust = await peering.trust.current(now);
  const first = await knock(peering, new URL(url), expected, null);
  if (first instanceof Error) return failedHandshake(first);
  const { proof, session } = first;
  const again = session ? await knock(peering, new URL(url), expected, session) : null;
  const verdict = judgePeer(proof, trust, expected, now);
  const checks = [handshakeCheck(null), ...verdict.checks, acceptedCheck(first.said)];
  const { version, cipher, resumed } = proof;
  return {
    outcome: checks.every((check) => check.passed) ? "allow" : "deny",
    tls: {
      version,
      cipher,
      resumed,
      resumable: again !== null && !(again instanceof Error) && again.proof.resumed,
    },
    agent: verdict.agent,
    checks,
    certificates: verdict.path.map(describeCertificate),
  };
}

function failedHandshake(error: Error): PeerReport {
  return { outcome: "deny", tls: null, agent: null, checks: [handshakeCheck(error)], certificates: [] };
}

function handshakeCheck(error: Error | null): Check {
  return {
    id: "handshake",
    passed: error === null,
    detail: error
      ? `The TLS 1.3 handshake did not come about: ${plain(error.message)}`
      : "The TLS 1.3 handshake came about.",
  };
}

/** In TLS 1.3 the client is done before the server has judged it: only an answer shows that it was taken. */
function acceptedCheck(said: string): Check {
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(said)?.[1] ?? 0);
  const reason = /"message":"((?:[^"\\]|\\.)*)"/.exec(said)?.[1];
  const refused =
    status === 0 ? "it closed the connection or did not answer" : `${status} ${plain(reason ?? "", 300)}`;
  const passed = status === 200;
  return {
    id: "accepted",
    passed,
    detail: passed
      ? "The peer takes this agent's certificate."
      : `The peer does not take this agent's certificate: ${refused}.`,
  };
}

/** @returns the error of a handshake that failed. @throws AgentError `unreachable`. */
function knock(
  peering: Peering,
  url: URL,
  expected: string | null,
  session: Buffer | null,
): Promise<Knock | Error> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const socket: TLSSocket = connect({
      ...peerTls(peering.transport(), peering.identity.rootPem),
      ...{ host, port: Number(url.port || 443), checkServerIdentity: spiffeIdentity(expected) },
      ...(session ? { session } : {}),
      ...(/[a-z]/i.test(host) && !host.includes(":") ? { servername: host } : {}),
    });
    let proof: PeerProof | null = null;
    let ticket: Buffer | null = null;
    let said = "";
    const timer = setTimeout(() => socket.destroy(new Error("no answer in time")), WAIT_MS_MAX);
    const end = (error: Error | null) => {
      clearTimeout(timer);
      socket.destroy();
      if (proof) return resolve({ proof, session: ticket, said });
      const failure = error ?? new Error("the peer hung up");
      if (isTls(failure)) return resolve(failure);
      reject(new AgentError("unreachable", 0, `${url.host} cannot be reached: ${failure.message}`));
    };
    socket.on("session", (given: Buffer) => {
      ticket = given;
    });
    socket.once("secureConnect", () => {
      proof = proofOf(socket);
      socket.write(`GET ${PEER_PATH} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: close\r\n\r\n`);
    });
    socket.on("data", (chunk: Buffer) => {
      said += chunk.toString("latin1");
      if (said.length > ANSWER_CHARS_MAX) end(null);
    });
    socket.once("error", end);
    socket.once("close", () => end(null));
  });
}

/** A peer that is there and speaks otherwise: a finding, where silence is none. */
function isTls(error: Error): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return code.startsWith("ERR_SSL") || code === "EPROTO" || /ssl|tls/i.test(error.message);
}

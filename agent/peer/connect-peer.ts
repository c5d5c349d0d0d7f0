import type { TLSSocket } from "node:tls";
import { buildConnector } from "undici";
import { agentSpiffeId } from "../../server/layers/identity/engine/names.ts";
import { AgentError } from "../errors.ts";
import type { Peering } from "./peering.ts";
import { type PeerProof, peerTls, proofOf } from "./tls-options.ts";

const CONNECT_MS_MAX = 10_000;

/** A session to resume, and the chain that was proved when it was made: a resumed handshake carries none. */
type HeldSession = { session: Buffer; chain: Buffer[] };

/** The open connections, each with what it proved. */
export type OpenConnections = Map<TLSSocket, PeerProof>;

/**
 * Connects to one agent, which is judged on every connection, resumed or not, before a request goes over it. A resumed
 * session that no longer holds is given up for a whole handshake: the peer may have a new certificate.
 */
export function connectPeer(
  peering: Peering,
  expected: string,
  open: OpenConnections,
  judge: (proof: PeerProof) => Promise<AgentError | null>,
): buildConnector.connector {
  let held: HeldSession | null = null;
  const attempt = (
    options: buildConnector.Options,
    resume: HeldSession | null,
    done: (refusal: Error | null, socket: TLSSocket | null) => void,
  ) => {
    const connector = buildConnector({
      ...peerTls(peering.transport(), peering.identity.rootPem),
      ...{ checkServerIdentity: spiffeIdentity(expected), allowH2: false },
      ...{ timeout: CONNECT_MS_MAX, maxCachedSessions: 0 },
      ...(resume ? { session: resume.session } : {}),
    });
    let chain: Buffer[] = [];
    const connecting = connector(options, (error, connected) => {
      if (error) return done(error, null);
      const socket = connected as TLSSocket;
      const proof = proofOf(socket);
      chain = proof.resumed && resume ? resume.chain : proof.chain;
      judge({ ...proof, chain }).then(
        (refusal) => {
          if (!refusal && !socket.destroyed) {
            open.set(socket, { ...proof, chain });
            socket.once("close", () => open.delete(socket));
            return done(null, socket);
          }
          socket.destroy();
          done(refusal ?? new AgentError("unreachable", 0, "The peer hung up."), null);
        },
        (fault: Error) => {
          socket.destroy();
          done(fault, null);
        },
      );
    }) as unknown as TLSSocket;
    connecting.on("session", (session: Buffer) => {
      if (chain.length > 0) held = { session, chain };
    });
  };
  return (options, callback) => {
    const resume = held;
    attempt(options, resume, (refusal, socket) => {
      if (socket) return callback(null, socket);
      held = null;
      if (!resume || !refusal) return callback(refusal ?? new Error("no connection"), null);
      attempt(options, null, (again, fresh) =>
        fresh ? callback(null, fresh) : callback(again ?? refusal, null),
      );
    });
  };
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

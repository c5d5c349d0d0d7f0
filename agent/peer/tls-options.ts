import type { TLSSocket } from "node:tls";
import type { Credential } from "../state.ts";

/** TLS 1.3 alone, with the two AES-GCM suites. */
export const PEER_CIPHERS = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
/** How long an idle connection between agents stays open. */
export const KEEP_ALIVE_MS = 300_000;
const CHAIN_MAX = 10;

/**
 * TLS between agents. `rejectUnauthorized` is off because the validator judges both sides, by name, before a byte of
 * HTTP counts; what OpenSSL itself found is one of its checks, so nothing passes that OpenSSL refuses.
 */
export function peerTls(transport: Credential, rootPem: string) {
  return {
    key: transport.keyPem,
    cert: transport.certificatePem,
    ca: rootPem,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    ciphers: PEER_CIPHERS,
    rejectUnauthorized: false,
  } as const;
}

/** What a connection proved, copied from its socket: it is judged again long after the handshake. */
export type PeerProof = {
  /** The peer's certificate and what it sent along, DER; empty where it sent none. */
  chain: Buffer[];
  /** OpenSSL's own verdict: null where it found nothing wrong. */
  tlsFault: string | null;
  version: string;
  cipher: string;
  resumed: boolean;
};

/** Reads a connection whose handshake is done. A client that resumed a session sees no chain. */
export function proofOf(socket: TLSSocket): PeerProof {
  const fault = socket.authorizationError as unknown;
  return {
    chain: chainOf(socket),
    tlsFault: socket.authorized
      ? null
      : String((fault as Error | undefined)?.message ?? fault ?? "not authorized"),
    version: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher()?.standardName ?? socket.getCipher()?.name ?? "unknown",
    resumed: socket.isSessionReused(),
  };
}

/** The list of issuers loops at a self-signed one, and a peer decides how long it is. */
function chainOf(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let next = socket.getPeerCertificate(true);
  while (next?.raw && chain.length < CHAIN_MAX && !chain.some((der) => der.equals(next.raw))) {
    chain.push(next.raw);
    next = next.issuerCertificate;
  }
  return chain;
}

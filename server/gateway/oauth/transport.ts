import type { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { base64url, sha256 } from "../../kernel/hash.ts";
import { forwardedPeer } from "../peer.ts";

/**
 * The certificate that the caller's TLS connection was made with: the connection's own, or the one that a trusted hop
 * forwarded. Null where there is none that was verified.
 */
export function transportCertificate(
  request: IncomingMessage,
): { certificate: X509Certificate; thumbprint: string } | null {
  const peer = forwardedPeer(request);
  if (peer) return peer;
  const tls = request.socket as TLSSocket;
  if (!tls.encrypted || !tls.authorized) return null;
  const certificate = tls.getPeerX509Certificate();
  return certificate ? { certificate, thumbprint: base64url(sha256(certificate.raw)) } : null;
}

import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { base64url, sha256 } from "../../kernel/hash.ts";

/** The certificate that the caller's TLS connection was made with; null where there is none that was verified. */
export function transportCertificate(
  socket: Socket,
): { certificate: X509Certificate; thumbprint: string } | null {
  const tls = socket as TLSSocket;
  if (!tls.encrypted || !tls.authorized) return null;
  const certificate = tls.getPeerX509Certificate();
  return certificate ? { certificate, thumbprint: base64url(sha256(certificate.raw)) } : null;
}

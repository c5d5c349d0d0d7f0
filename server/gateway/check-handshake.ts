import { createHash, type X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { DoorTls } from "./door.ts";

/** Why a finished handshake does not count, and the certificate that was shown, if one was. */
export type RefusedHandshake = { code: string; certificate?: X509Certificate };

/**
 * Whether a connection may speak: where the door asks for a certificate, there must be one, and it must chain to the
 * door's authorities or be pinned. Both are asked: `node:tls` judges a resumed session by what its ticket remembers.
 *
 * @returns null where it may.
 */
export function checkHandshake(socket: TLSSocket, { ca, isPinned }: DoorTls): RefusedHandshake | null {
  if (!ca && !isPinned) return null;
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return { code: "certificate_missing" };
  if (isPinned) {
    const sha256 = createHash("sha256").update(certificate.raw).digest("hex");
    return isPinned(sha256, socket.remoteAddress ?? "") ? null : { code: "hop_untrusted", certificate };
  }
  if (socket.authorized) return null;
  const reason = socket.authorizationError as unknown as string | { code?: string } | undefined;
  return { code: (typeof reason === "string" ? reason : reason?.code) ?? "certificate_refused", certificate };
}

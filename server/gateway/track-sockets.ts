import { createHash, type X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** The open connections of the agents' door, by the certificate that each was opened with. */
export type Sockets = ReturnType<typeof trackSockets>;

/** Starts with none; `add` is called at each finished handshake. */
export function trackSockets() {
  const open = new Map<string, Set<TLSSocket>>();
  const thumbprints = new WeakMap<Socket, string>();
  return {
    /** @returns the client's certificate and its base64url SHA-256, or null where the connection has none. */
    add(socket: TLSSocket): { certificate: X509Certificate; thumbprint: string } | null {
      const certificate = socket.getPeerX509Certificate();
      if (!certificate) return null;
      const thumbprint = createHash("sha256").update(certificate.raw).digest("base64url");
      thumbprints.set(socket, thumbprint);
      const same = open.get(thumbprint) ?? new Set();
      open.set(thumbprint, same.add(socket));
      socket.once("close", () => {
        same.delete(socket);
        if (same.size === 0 && open.get(thumbprint) === same) open.delete(thumbprint);
      });
      return { certificate, thumbprint };
    },
    thumbprintOf: (socket: Socket) => thumbprints.get(socket) ?? null,
    /** Destroys every connection that was opened with this certificate; says how many there were. */
    cut(thumbprint: string): number {
      const sockets = [...(open.get(thumbprint) ?? [])];
      for (const socket of sockets) socket.destroy();
      return sockets.length;
    },
    count: () => [...open.values()].reduce((sum, sockets) => sum + sockets.size, 0),
  };
}

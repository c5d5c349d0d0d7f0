import { z } from "zod";
import { agentName } from "./schema.ts";

export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/**
 * The suites that the agents' doors negotiate, best first (seed, module 3). Those of TLS 1.2 count only where the
 * environment allows that version: ephemeral keys, the doors' ECDSA certificate, the same two AES-GCM ciphers.
 */
export const TLS_SUITES: Record<TlsVersion, readonly string[]> = {
  "TLSv1.3": ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"],
  "TLSv1.2": ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"],
};

/** What is allowed: each version with its suites. */
export type TlsPolicy = Partial<Record<TlsVersion, readonly string[]>>;

/** The policy whose lowest version is this one. */
export function tlsPolicyFrom(lowest: TlsVersion): TlsPolicy {
  const { "TLSv1.3": newest, ...older } = TLS_SUITES;
  return lowest === "TLSv1.3" ? { "TLSv1.3": newest } : { "TLSv1.3": newest, ...older };
}

/** What one handshake ended with; `keyExchange` is empty where it is not told. */
export type Negotiated = { version: string; cipher: string; keyExchange: string };

export const CONNECTION_PATHS = ["direct", "hop"] as const;
export type ConnectionPath = (typeof CONNECTION_PATHS)[number];

/** How often one agent negotiated one outcome with one certificate, since it was last told. */
export type SeenConnection = Negotiated & {
  agentId: string;
  thumbprint: string;
  path: ConnectionPath;
  count: number;
  resumed: number;
  firstAt: Date;
  lastAt: Date;
};

/** `thumbprint` of the row into which certificates are folded that are no longer among the newest. */
export const EARLIER_CERTIFICATES = "earlier";

export const observedConnection = z.object({
  path: z.enum(CONNECTION_PATHS),
  version: z.string(),
  cipher: z.string(),
  keyExchange: z.string(),
  /** Whether the list of suites allows it today. */
  allowed: z.boolean(),
  count: z.number().int(),
  /** Connections that took up an earlier session, of `count`. */
  resumed: z.number().int(),
  firstSeenAt: z.date(),
  lastSeenAt: z.date(),
  /** Newest first; what is older than these is `earlier`. */
  certificates: z.array(z.object({ thumbprint: z.string(), count: z.number().int(), lastSeenAt: z.date() })),
});
export type ObservedConnection = z.infer<typeof observedConnection>;

export const listConnectionsInput = z.object({ name: agentName });
export const observedConnections = z.object({
  /** Newest first. */
  connections: z.array(observedConnection),
  /** What is allowed now, as `version cipher`. */
  policy: z.array(z.string()),
});
export type ObservedConnections = z.infer<typeof observedConnections>;

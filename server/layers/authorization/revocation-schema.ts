import { z } from "zod";

export const REVOCATIONS_PATH = "/v1/revocations";

/**
 * What is revoked is held this much longer than it would have lived: a resource server whose clock is behind, or that
 * allows tolerance (RFC 7519 §4.1.4: "usually no more than a few minutes"), would take it again once it is forgotten.
 */
export const REVOCATION_KEPT_MS = 300_000;

const agent = z.string().min(1);
/** Seconds since 1970 (RFC 7519 `NumericDate`): its own end. What is told is kept `REVOCATION_KEPT_MS` beyond. */
const exp = z.number().int();

/** A token that was revoked before its time. */
export const tokenRevoked = z.object({
  kind: z.literal("token"),
  jti: z.string(),
  exp,
  grantIds: z.array(z.string()),
  agent,
});

/** A grant that was taken back: every token that names it in `grant_ids`, and those named here, are dead. */
export const grantRevoked = z.object({
  kind: z.literal("grant"),
  grantId: z.string(),
  scope: z.string(),
  jtis: z.array(z.string()),
  exp,
  agent,
});

/** A certificate that was revoked: tokens over it (`cnf`) are worth nothing (RFC 8705). */
export const certificateRevoked = z.object({
  kind: z.literal("certificate"),
  "x5t#S256": z.string(),
  purpose: z.string(),
  exp,
  agent,
});

/**
 * How an agent stands now: `contained`, `suspended`, `banned`, `retired` or `isolated`, and may do nothing, or
 * `released`. A word that a reader does not know is a stop. What was revoked meanwhile stays revoked when it is released.
 */
export const agentStands = z.object({ kind: z.literal("agent"), why: z.string().min(1), agent });

/**
 * What the stream of `GET /v1/revocations` tells. A kind that a reader does not know was added later, and is
 * nothing that it could act on.
 */
export const revocationEvent = z.discriminatedUnion("kind", [
  tokenRevoked,
  grantRevoked,
  certificateRevoked,
  agentStands,
]);
export type RevocationEvent = z.infer<typeof revocationEvent>;

/** A pulse: everything before it was told, and the gateway's own view was this old when it was sent. */
export const revocationPulse = z.object({ ageMs: z.number().nonnegative() });
export type RevocationPulse = z.infer<typeof revocationPulse>;

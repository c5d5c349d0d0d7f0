import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from "jose";
import { z } from "zod";
import type { VerifiedToken } from "../flows/admit-action/world.ts";
import { UnauthenticatedError } from "../kernel/errors.ts";
import { issuedDetail } from "../layers/authorization/details-schema.ts";
import { readLimits } from "../layers/authorization/engine/narrow-limits.ts";

/** Verified tokens are remembered up to this many; the one remembered longest goes first. */
const REMEMBERED_MAX = 20_000;

const claims = z.object({
  jti: z.string().min(1),
  sub: z.string().min(1),
  client_id: z.string().min(1),
  exp: z.number(),
  scope: z.string(),
  cnf: z.object({ "x5t#S256": z.string().min(1) }),
  grant_ids: z.array(z.string()).default([]),
  policy_version: z.number().int().optional(),
  authorization_details: z.array(issuedDetail).min(1).optional(),
});

/**
 * Verifies access tokens locally (RFC 9068 §4): type, signature, issuer, audience, times. A token that was
 * verified once is believed until it expires; revocation and binding are checked on each request elsewhere.
 */
export function createTokenVerifier(expected: {
  issuer: string;
  audience: string;
  keys: JSONWebKeySet;
}): (token: string, now: Date) => Promise<VerifiedToken> {
  const keySet = createLocalJWKSet(expected.keys);
  const remembered = new Map<string, { token: VerifiedToken; expiresMs: number }>();

  return async (text, now) => {
    const held = remembered.get(text);
    if (held && held.expiresMs > now.getTime()) return held.token;
    if (held) remembered.delete(text);
    try {
      const { payload } = await jwtVerify(text, keySet, {
        typ: "at+jwt",
        issuer: expected.issuer,
        audience: expected.audience,
        algorithms: ["EdDSA"],
        currentDate: now,
        requiredClaims: ["iss", "aud", "sub", "client_id", "iat", "exp", "jti"],
      });
      const read = claims.parse(payload);
      const token: VerifiedToken = {
        jti: read.jti,
        subject: read.sub,
        boundTo: read.cnf["x5t#S256"],
        scopes: read.scope.split(" ").filter(Boolean),
        grantIds: read.grant_ids,
        policyVersion: read.policy_version ?? null,
        limits: read.authorization_details && limitsOf(read.authorization_details),
      };
      if (remembered.size >= REMEMBERED_MAX)
        for (const oldest of remembered.keys()) {
          remembered.delete(oldest);
          break;
        }
      remembered.set(text, { token, expiresMs: read.exp * 1000 });
      return token;
    } catch (error) {
      throw tokenError(error);
    }
  };
}

/** Read once for all requests that carry the token. */
function limitsOf(details: readonly z.infer<typeof issuedDetail>[]): VerifiedToken["limits"] {
  return new Map(
    details.flatMap(({ actions, grant_id: grantId, amount, resources }) =>
      actions.map((scope) => [scope, { grantId, limits: readLimits({ amount, resources }) }] as const),
    ),
  );
}

function tokenError(error: unknown): Error {
  if (error instanceof errors.JWTExpired)
    return new UnauthenticatedError("token_expired", "The access token has expired. Ask for a new one.");
  if (error instanceof errors.JWTClaimValidationFailed)
    return new UnauthenticatedError(
      "token_claim_wrong",
      `The access token is not for this gateway: its ${error.claim} is not the one expected.`,
      { claim: error.claim },
    );
  if (error instanceof errors.JOSEError)
    return new UnauthenticatedError(
      "token_invalid",
      "The access token was not issued by this system, or was altered.",
    );
  if (error instanceof z.ZodError)
    return new UnauthenticatedError(
      "token_unbound",
      "The access token lacks a claim that it must have, such as its binding to a certificate.",
    );
  return error as Error;
}

import type { KeyObject } from "node:crypto";
import { errors, jwtVerify } from "jose";
import { z } from "zod";
import type { VerifiedToken } from "../flows/admit-action/world.ts";
import { UnauthenticatedError } from "../kernel/errors.ts";
import { issuedDetail } from "../layers/authorization/details-schema.ts";
import { readLimits } from "../layers/authorization/engine/narrow-limits.ts";
import type { KeyVerdict, TokenKeys } from "./oauth/token-keys.ts";

/** Verified tokens are remembered up to this many; the one remembered longest goes first. */
const REMEMBERED_MAX = 20_000;

/** Another gateway's clock may be this far ahead; beyond it a token is not valid yet (FAPI 2.0 §5.3.2.1). */
export const TOKEN_AHEAD_SECONDS_MAX = 10;

const claims = z.object({
  jti: z.string().min(1),
  sub: z.string().min(1),
  client_id: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  scope: z.string(),
  cnf: z.object({ "x5t#S256": z.string().min(1), jkt: z.string().min(1).optional() }),
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
  keys: Pick<TokenKeys, "judge" | "learn">;
}): (token: string, now: Date) => Promise<VerifiedToken> {
  const { keys } = expected;
  const remembered = new Map<string, { token: VerifiedToken; keyId: string; expiresMs: number }>();

  /** Whether tokens of this key count. One that is not known may be new: what counts is read again. */
  const trusted = async (keyId: unknown, now: Date) => {
    if (typeof keyId !== "string" || keyId === "") throw invalid();
    if (keys.judge(keyId, now).verdict === "unknown") await keys.learn();
    return keyOf(keys.judge(keyId, now));
  };

  return async (text, now) => {
    const held = remembered.get(text);
    if (held && held.expiresMs > now.getTime()) {
      keyOf(keys.judge(held.keyId, now));
      return held.token;
    }
    if (held) remembered.delete(text);
    try {
      const { payload, protectedHeader } = await jwtVerify(text, ({ kid }) => trusted(kid, now), {
        typ: "at+jwt",
        issuer: expected.issuer,
        audience: expected.audience,
        algorithms: ["EdDSA"],
        currentDate: now,
        clockTolerance: TOKEN_AHEAD_SECONDS_MAX,
        requiredClaims: ["iss", "aud", "sub", "client_id", "iat", "exp", "jti"],
      });
      const read = claims.parse(payload);
      checkTimes(read, now);
      const token: VerifiedToken = {
        jti: read.jti,
        subject: read.sub,
        boundTo: read.cnf["x5t#S256"],
        jkt: read.cnf.jkt ?? null,
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
      remembered.set(text, { token, keyId: String(protectedHeader.kid), expiresMs: read.exp * 1000 });
      return token;
    } catch (error) {
      throw tokenError(error);
    }
  };
}

/** The tolerance is for the future alone: a token that is over is over. @throws UnauthenticatedError */
function checkTimes({ iat, exp }: { iat: number; exp: number }, now: Date): void {
  if (exp * 1000 <= now.getTime()) throw expired();
  if (iat * 1000 > now.getTime() + TOKEN_AHEAD_SECONDS_MAX * 1000) throw tooEarly();
}

/** The key, where its tokens count. @throws UnauthenticatedError `token_key_tainted`, `token_key_retired`, `token_key_unknown`. */
function keyOf(judged: KeyVerdict): KeyObject {
  if (judged.verdict === "trusted") return judged.publicKey;
  throw new UnauthenticatedError(`token_key_${judged.verdict}`, KEY_REFUSALS[judged.verdict]);
}

const KEY_REFUSALS = {
  tainted: "The key that signed this access token was taken out of use in an emergency. Ask for a new token.",
  retired: "The key that signed this access token is retired, and no token of it lives. Ask for a new token.",
  unknown: "The access token names a key that is none of this system's.",
};

const invalid = () =>
  new UnauthenticatedError(
    "token_invalid",
    "The access token was not issued by this system, or was altered.",
  );
const expired = () =>
  new UnauthenticatedError("token_expired", "The access token has expired. Ask for a new one.");
const tooEarly = () =>
  new UnauthenticatedError("token_too_early", "The access token is not valid yet. Check the clocks.");
/** Read once for all requests that carry the token. */
function limitsOf(details: readonly z.infer<typeof issuedDetail>[]): VerifiedToken["limits"] {
  return new Map(
    details.flatMap(({ actions, grant_id: grantId, amount, resources }) =>
      actions.map((scope) => [scope, { grantId, limits: readLimits({ amount, resources }) }] as const),
    ),
  );
}

function tokenError(error: unknown): Error {
  if (error instanceof errors.JWTExpired) return expired();
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf") return tooEarly();
  if (error instanceof errors.JWTClaimValidationFailed)
    return new UnauthenticatedError(
      "token_claim_wrong",
      `The access token is not for this gateway: its ${error.claim} is not the one expected.`,
      { claim: error.claim },
    );
  if (error instanceof errors.JOSEError) return invalid();
  if (error instanceof z.ZodError)
    return new UnauthenticatedError(
      "token_unbound",
      "The access token lacks a claim that it must have, such as its binding to a certificate.",
    );
  return error as Error;
}

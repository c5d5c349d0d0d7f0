import { errors } from "oidc-provider";
import type { Env } from "../../env.ts";
import { TOKEN_PATH } from "./metadata.ts";

/** An assertion is made for one request: a longer life would only serve whoever steals it. */
export const ASSERTION_LIFE_SECONDS_MAX = 300;
/** FAPI 2.0 §5.3.2.1: a time this far ahead is refused. */
export const ASSERTION_AHEAD_SECONDS_MAX = 60;

/**
 * What a client assertion must say beyond RFC 7523: its audience is this server by its configured names
 * (never by what the request's Host says), it is young and it ends soon.
 *
 * @throws InvalidClientAuth naming the claim, for the record; the caller learns `invalid_client` alone.
 */
export function checkAssertion(
  claims: Record<string, unknown>,
  env: Pick<Env, "enrolUrl" | "gatewayUrl">,
  now: Date,
): void {
  const accepted = [env.enrolUrl, new URL(TOKEN_PATH, env.gatewayUrl).href];
  const audience = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (audience.length !== 1 || !accepted.includes(audience[0]))
    throw new errors.InvalidClientAuth("aud of the client assertion must be this issuer and nothing else");
  const seconds = Math.floor(now.getTime() / 1000);
  if (typeof claims.exp !== "number" || claims.exp - seconds > ASSERTION_LIFE_SECONDS_MAX)
    throw new errors.InvalidClientAuth("exp of the client assertion is too far ahead");
  for (const name of ["iat", "nbf"])
    if (claims[name] !== undefined && Number(claims[name]) - seconds > ASSERTION_AHEAD_SECONDS_MAX)
      throw new errors.InvalidClientAuth(`${name} of the client assertion lies in the future`);
  if (typeof claims.jti !== "string" || claims.jti.length > 256)
    throw new errors.InvalidClientAuth("jti of the client assertion must be text of at most 256 characters");
}

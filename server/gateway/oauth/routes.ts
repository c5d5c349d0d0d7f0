import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { Database } from "../../../db/client.ts";
import type { Env } from "../../env.ts";
import { InvalidInputError, UnauthenticatedError } from "../../kernel/errors.ts";
import { introspectToken } from "../../layers/authorization/introspect-token.ts";
import { revokeToken } from "../../layers/authorization/revoke-token.ts";
import { type AgentRow, liveTransport } from "../../layers/authorization/store.ts";
import type { Sightings } from "../sightings.ts";
import { createTokenVerifier } from "../verify-token.ts";
import { INTROSPECT_PATH, REVOKE_PATH, TOKEN_PATH } from "./metadata.ts";
import { createProvider } from "./provider.ts";
import type { TokenKeys } from "./token-keys.ts";
import { transportCertificate } from "./transport.ts";

export type OauthDeps = {
  db: Database;
  env: Pick<Env, "enrolUrl" | "gatewayUrl">;
  tokenKeys: TokenKeys;
  log: Logger;
  clock?: () => Date;
  sightings?: Pick<Sightings, "stranger"> | undefined;
};

const FORM_BYTES_MAX = 16 * 1024;

/**
 * The authorization server's endpoints at the gateway's mutual TLS door: token, introspection (RFC 7662) and
 * revocation (RFC 7009). Callers of the latter two are known by their transport certificate.
 */
export async function registerOauthRoutes(app: FastifyInstance, deps: OauthDeps): Promise<void> {
  const clock = deps.clock ?? (() => new Date());
  const handle = (await createProvider({ ...deps, clock })).callback();
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    /** The authorization server reads the body itself, bounded. */
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    scope.post(TOKEN_PATH, (request, reply) => {
      reply.hijack();
      handle(request.raw, reply.raw);
    });
  });
  await app.register(async (scope) => registerFormRoutes(scope, deps, clock));
}

async function registerFormRoutes(scope: FastifyInstance, deps: OauthDeps, clock: () => Date): Promise<void> {
  const { db, env, tokenKeys } = deps;
  const verify = createTokenVerifier({
    issuer: env.enrolUrl,
    audience: env.gatewayUrl,
    keys: tokenKeys,
  });
  const jtiOf = async (token: string, now: Date) => {
    try {
      return (await verify(token, now)).jti;
    } catch (error) {
      if (error instanceof UnauthenticatedError) return null;
      throw error;
    }
  };
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: FORM_BYTES_MAX },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
  scope.setErrorHandler((error, _request, reply) => oauthError(error, reply, deps.log));

  scope.post(INTROSPECT_PATH, async (request, reply) => {
    const now = clock();
    const caller = await callerOf(db, request, now);
    const jti = await jtiOf(tokenParameter(request), now);
    const found = jti && (await introspectToken(db, { jti, caller, now }));
    reply.header("Cache-Control", "no-store");
    if (!found) return { active: false };
    const { token, did } = found;
    return {
      active: true,
      ...{
        scope: token.scopes.join(" "),
        client_id: did,
        sub: did,
        jti: token.jti,
        token_type: token.jkt ? "DPoP" : "Bearer",
      },
      ...{ iss: env.enrolUrl, aud: env.gatewayUrl },
      iat: token.issuedAt.getTime() / 1000,
      exp: token.expiresAt.getTime() / 1000,
      cnf: { "x5t#S256": token.thumbprint, ...(token.jkt ? { jkt: token.jkt } : {}) },
      grant_ids: token.grantIds,
      policy_version: token.policyVersion,
      ...(token.authorizationDetails ? { authorization_details: token.authorizationDetails } : {}),
    };
  });

  scope.post(REVOKE_PATH, async (request, reply) => {
    const now = clock();
    const caller = await callerOf(db, request, now);
    const jti = await jtiOf(tokenParameter(request), now);
    if (jti) await revokeToken(db, { jti, agent: caller, now });
    return reply.header("Cache-Control", "no-store").code(200).send();
  });
}

async function callerOf(db: Database, request: FastifyRequest, now: Date): Promise<AgentRow> {
  const seen = transportCertificate(request.raw);
  const transport = seen && (await liveTransport(db, seen.thumbprint, now));
  if (!transport)
    throw new UnauthenticatedError(
      "invalid_client",
      "This connection's certificate is no agent's live transport certificate.",
    );
  return transport.agent;
}

function tokenParameter(request: FastifyRequest): string {
  const form = request.body;
  const tokens = form instanceof URLSearchParams ? form.getAll("token") : [];
  if (tokens.length !== 1 || !tokens[0])
    throw new InvalidInputError("invalid_request", "Send the token once, as the form parameter token.");
  return tokens[0];
}

/** Errors as RFC 6749 §5.2 writes them; what we did not foresee leaks nothing and is 503. */
function oauthError(error: unknown, reply: FastifyReply, log: Logger): void {
  reply.header("Cache-Control", "no-store");
  const known = error instanceof UnauthenticatedError || error instanceof InvalidInputError;
  const status = (error as { statusCode?: number }).statusCode;
  if (known) reply.code(error.status).send({ error: error.code, error_description: error.message });
  else if (status && status < 500)
    reply
      .code(status)
      .send({ error: "invalid_request", error_description: "Send a form of at most 16 KiB." });
  else {
    log.error({ err: error }, "the authorization server failed");
    reply
      .code(503)
      .header("Retry-After", "1")
      .send({ error: "temporarily_unavailable", error_description: "Try again in a moment." });
  }
}

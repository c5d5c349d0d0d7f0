import {
  type ClientCredentials,
  type Configuration,
  errors,
  type JWTStructured,
  type KoaContextWithOIDC,
  Provider,
  type ResourceServer,
} from "oidc-provider";
import type { Logger } from "pino";
import type { Database } from "../../../db/client.ts";
import type { Env } from "../../env.ts";
import { present } from "../../kernel/ensure.ts";
import { AGENT_ACTION } from "../../layers/authorization/details-schema.ts";
import { CLIENT_AUTH_METHODS } from "../../layers/authorization/policy-schema.ts";
import { uriNames } from "../../layers/identity/engine/uri-names.ts";
import type { Sightings } from "../sightings.ts";
import { createAdapter } from "./adapter.ts";
import { checkAssertion } from "./check-assertion.ts";
import { ASSERTION_ALGORITHMS, TOKEN_PATH } from "./metadata.ts";
import { StoredSigningKeys } from "./signing-key.ts";
import { createTokenDoor } from "./token-door.ts";
import type { TokenKeys } from "./token-keys.ts";
import { transportCertificate } from "./transport.ts";

/** Clocks may differ by this much (FAPI 2.0 §5.3.2.1: accept up to 10 s ahead). */
const CLOCK_TOLERANCE_SECONDS = 10;

export type ProviderDeps = {
  db: Database;
  env: Pick<Env, "enrolUrl" | "gatewayUrl"> & Partial<Pick<Env, "opaUrl">>;
  tokenKeys: TokenKeys;
  log: Logger;
  clock: () => Date;
  sightings?: Pick<Sightings, "stranger"> | undefined;
};

/**
 * The authorization server: client credentials alone, clients that prove themselves as the policy allows, tokens
 * bound to the connection's certificate (RFC 8705). What a token may carry is decided, and written, where the
 * resource server's scopes are asked for.
 */
export async function createProvider(deps: ProviderDeps): Promise<Provider> {
  const { env, tokenKeys } = deps;
  const door = createTokenDoor(deps);
  const provider = new Provider(env.enrolUrl, {
    ...fixedConfiguration,
    adapter: createAdapter(deps.db, deps.clock),
    jwks: { keys: [new StoredSigningKeys(await tokenKeys.signing(deps.clock()), tokenKeys.held)] },
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims) => checkAssertion(claims, env, deps.clock()),
    features: {
      ...features,
      richAuthorizationRequests: {
        enabled: true,
        types: { [AGENT_ACTION]: { validate: async (ctx) => void door.checkDetails(ctx) } },
        authorizationDetailsForAccessToken: async (ctx) =>
          door.issued(ctx)?.authorizationDetails ?? undefined,
        authorizationDetailsForGrantSource: async () => undefined,
        authorizationDetailsForIntrospection: async () => undefined,
      },
      resourceIndicators: resources(env, door),
    },
    formats: { customizers: { jwt: asWritten(door) } },
  });
  provider.use(door.guard);
  provider.on("grant.error", door.remember);
  provider.on("server_error", (_ctx, err) => deps.log.error({ err }, "the token endpoint failed"));
  return provider;
}

type Door = ReturnType<typeof createTokenDoor>;

/** The one resource server is this gateway: asked for its scopes, it decides over the token and writes it. */
function resources(env: ProviderDeps["env"], door: Door) {
  return {
    enabled: true,
    defaultResource: () => env.gatewayUrl,
    getResourceServerInfo: async (
      ctx: KoaContextWithOIDC,
      resource: string,
      client: { clientId: string },
    ): Promise<ResourceServer> => {
      if (new URL(resource).href !== new URL(env.gatewayUrl).href)
        throw new errors.InvalidTarget("Tokens are issued for this gateway alone.");
      const token = await door.decide(ctx, client.clientId);
      return {
        scope: token.scopes.join(" "),
        audience: env.gatewayUrl,
        accessTokenFormat: "jwt",
        accessTokenTTL: (token.expiresAt.getTime() - token.issuedAt.getTime()) / 1000,
        jwt: { sign: { alg: "EdDSA" } },
      };
    },
  };
}

/** The token leaves as it was written: id, times, grants, key and binding are those of its row. */
function asWritten(door: Door) {
  return (ctx: KoaContextWithOIDC, _token: unknown, jwt: JWTStructured) => {
    const { payload } = jwt;
    const token = present(door.issued(ctx), "token's row");
    jwt.header = { kid: token.keyId };
    if (token.jkt) payload.cnf = { ...(payload.cnf as object), jkt: token.jkt };
    payload.jti = token.jti;
    payload.iat = token.issuedAt.getTime() / 1000;
    payload.exp = token.expiresAt.getTime() / 1000;
    payload.grant_ids = token.grantIds;
    payload.policy_version = token.policyVersion;
    if (token.authorizationDetails) payload.authorization_details = token.authorizationDetails;
  };
}

const features: Configuration["features"] = {
  clientCredentials: { enabled: true },
  devInteractions: { enabled: false },
  // It binds a token to one thing; ours is bound to the key beside the certificate, by the door.
  dPoP: { enabled: false },
  externalSigningSupport: { enabled: true, ack: "experimental-01" },
  mTLS: {
    enabled: true,
    certificateBoundAccessTokens: true,
    tlsClientAuth: true,
    certificateAuthorized: (ctx) => transportCertificate(ctx.req) !== null,
    certificateSubjectMatches: (ctx, property, expected) => {
      const seen = transportCertificate(ctx.req);
      // An agent's certificate has exactly one (SPIFFE X.509-SVID §2): one more would be somebody else's name.
      const uris = seen ? uriNames(new Uint8Array(seen.certificate.raw)) : [];
      return property === "tls_client_auth_san_uri" && uris.length === 1 && uris[0] === expected;
    },
    getCertificate: (ctx) => transportCertificate(ctx.req)?.certificate,
  },
  pushedAuthorizationRequests: { enabled: false },
  rpInitiatedLogout: { enabled: false },
  userinfo: { enabled: false },
};

const fixedConfiguration: Configuration = {
  clientAuthMethods: [...CLIENT_AUTH_METHODS],
  clientDefaults: { id_token_signed_response_alg: "EdDSA" },
  clockTolerance: CLOCK_TOLERANCE_SECONDS,
  enabledJWA: {
    clientAuthSigningAlgValues: ASSERTION_ALGORITHMS,
    idTokenSigningAlgValues: ["EdDSA"],
  },
  responseTypes: [],
  routes: { token: TOKEN_PATH, jwks: "/oauth/jwks" },
  scopes: [],
  ttl: {
    ClientCredentials: (_ctx: unknown, token: ClientCredentials) => token.resourceServer?.accessTokenTTL ?? 1,
  },
};

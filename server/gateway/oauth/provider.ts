import {
  type ClientCredentials,
  type Configuration,
  errors,
  type JWTStructured,
  type KoaContextWithOIDC,
  Provider,
} from "oidc-provider";
import type { Logger } from "pino";
import type { Database } from "../../../db/client.ts";
import type { Env } from "../../env.ts";
import { present } from "../../kernel/ensure.ts";
import type { HeldKey } from "../../keys/key-store.ts";
import type { Sightings } from "../sightings.ts";
import { createAdapter } from "./adapter.ts";
import { checkAssertion } from "./check-assertion.ts";
import { ASSERTION_ALGORITHMS, TOKEN_PATH } from "./metadata.ts";
import { StoredSigningKey } from "./signing-key.ts";
import { createTokenDoor } from "./token-door.ts";
import { transportCertificate } from "./transport.ts";

/** Clocks may differ by this much (FAPI 2.0 §5.3.2.1: accept up to 10 s ahead). */
const CLOCK_TOLERANCE_SECONDS = 10;

export type ProviderDeps = {
  db: Database;
  env: Pick<Env, "enrolUrl" | "gatewayUrl"> & Partial<Pick<Env, "opaUrl">>;
  key: HeldKey;
  log: Logger;
  clock: () => Date;
  sightings?: Pick<Sightings, "stranger"> | undefined;
};

/**
 * The authorization server: client credentials alone, clients that prove themselves with `private_key_jwt`,
 * tokens bound to the connection's certificate (RFC 8705). What a token may carry is decided, and written,
 * where the resource server's scopes are asked for.
 */
export function createProvider(deps: ProviderDeps): Provider {
  const { env } = deps;
  const door = createTokenDoor(deps);
  const provider = new Provider(env.enrolUrl, {
    ...fixedConfiguration,
    adapter: createAdapter(deps.db, deps.clock),
    jwks: { keys: [new StoredSigningKey(deps.key)] },
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims) => checkAssertion(claims, env, deps.clock()),
    features: {
      ...features,
      resourceIndicators: {
        enabled: true,
        defaultResource: () => env.gatewayUrl,
        getResourceServerInfo: async (ctx, resource, client) => {
          if (new URL(resource).href !== new URL(env.gatewayUrl).href)
            throw new errors.InvalidTarget("Tokens are issued for this gateway alone.");
          const token = await door.decide(ctx, client.clientId);
          return {
            scope: token.scopes.join(" "),
            audience: env.gatewayUrl,
            accessTokenFormat: "jwt",
            accessTokenTTL: (token.expiresAt.getTime() - token.issuedAt.getTime()) / 1000,
            jwt: { sign: { alg: "EdDSA", kid: deps.key.keyId } },
          };
        },
      },
    },
    formats: {
      customizers: {
        /** The token leaves as it was written: id, times and grants are those of its row. */
        jwt: (ctx: KoaContextWithOIDC, _token: unknown, { payload }: JWTStructured) => {
          const token = present(door.issued(ctx), "token's row");
          payload.jti = token.jti;
          payload.iat = token.issuedAt.getTime() / 1000;
          payload.exp = token.expiresAt.getTime() / 1000;
          payload.grant_ids = token.grantIds;
          payload.policy_version = token.policyVersion;
        },
      },
    },
  });
  provider.use(door.guard);
  provider.on("grant.error", door.remember);
  provider.on("server_error", (_ctx, err) => deps.log.error({ err }, "the token endpoint failed"));
  return provider;
}

const features: Configuration["features"] = {
  clientCredentials: { enabled: true },
  devInteractions: { enabled: false },
  dPoP: { enabled: false },
  externalSigningSupport: { enabled: true, ack: "experimental-01" },
  mTLS: {
    enabled: true,
    certificateBoundAccessTokens: true,
    getCertificate: (ctx) => transportCertificate(ctx.req)?.certificate,
  },
  pushedAuthorizationRequests: { enabled: false },
  rpInitiatedLogout: { enabled: false },
  userinfo: { enabled: false },
};

const fixedConfiguration: Configuration = {
  clientAuthMethods: ["private_key_jwt"],
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

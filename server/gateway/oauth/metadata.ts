import type { Env } from "../../env.ts";
import { AGENT_ACTION } from "../../layers/authorization/details-schema.ts";
import { DPOP_ALGORITHMS } from "../../layers/authorization/engine/check-dpop.ts";
import type { ClientAuthMethod } from "../../layers/authorization/policy-schema.ts";

export const TOKEN_PATH = "/oauth/token";
export const INTROSPECT_PATH = "/oauth/introspect";
export const REVOKE_PATH = "/oauth/revoke";
/** How clients sign their assertions: the algorithms of the agents' OAuth keys, Ed25519 by both its names (RFC 9864). */
export const ASSERTION_ALGORITHMS = ["EdDSA", "Ed25519", "ES256"] as const;

/**
 * Authorization server metadata (RFC 8414): served by the issuer, which is the enrolment door, while the
 * endpoints stand behind mutual TLS at the gateway.
 *
 * @param clientAuth how the policy of this moment lets agents prove themselves.
 */
export function oauthMetadata(
  env: Pick<Env, "enrolUrl" | "gatewayUrl">,
  clientAuth: readonly ClientAuthMethod[],
): Record<string, unknown> {
  const at = (path: string) => new URL(path, env.gatewayUrl).href;
  const endpoints = {
    token_endpoint: at(TOKEN_PATH),
    introspection_endpoint: at(INTROSPECT_PATH),
    revocation_endpoint: at(REVOKE_PATH),
  };
  return {
    issuer: env.enrolUrl,
    ...endpoints,
    mtls_endpoint_aliases: endpoints,
    jwks_uri: new URL("/.well-known/jwks.json", env.enrolUrl).href,
    grant_types_supported: ["client_credentials"],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: [...clientAuth],
    token_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
    introspection_endpoint_auth_methods_supported: ["tls_client_auth"],
    revocation_endpoint_auth_methods_supported: ["tls_client_auth"],
    tls_client_certificate_bound_access_tokens: true,
    authorization_details_types_supported: [AGENT_ACTION],
    dpop_signing_alg_values_supported: [...DPOP_ALGORITHMS],
  };
}

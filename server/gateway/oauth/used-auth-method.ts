import type { KoaContextWithOIDC } from "oidc-provider";
import type { ClientAuthMethod } from "../../layers/authorization/policy-schema.ts";

/**
 * How the client of a token request proves itself: by the assertion, where it sends one; else by its certificate
 * alone, with its `client_id` (RFC 8705 §2).
 */
export function usedAuthMethod(ctx: KoaContextWithOIDC | undefined): ClientAuthMethod {
  return ctx?.oidc.params?.client_assertion === undefined ? "tls_client_auth" : "private_key_jwt";
}

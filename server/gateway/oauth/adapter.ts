import { type Adapter, type AdapterPayload, errors, Provider } from "oidc-provider";
import type { Database } from "../../../db/client.ts";
import { ensure } from "../../kernel/ensure.ts";
import { claimAssertion } from "../../layers/authorization/claim-assertion.ts";
import { AGENT_ACTION } from "../../layers/authorization/details-schema.ts";
import type { ClientAuthMethod } from "../../layers/authorization/policy-schema.ts";
import { oauthClient } from "../../layers/authorization/store.ts";
import { agentSpiffeId } from "../../layers/identity/engine/names.ts";
import { usedAuthMethod } from "./used-auth-method.ts";

/** What the authorization server is told of a client: an agent, by its DID, as it proves itself in this request. */
function clientMetadata(
  did: string,
  { name, keys }: { name: string; keys: unknown[] },
  method: ClientAuthMethod,
): AdapterPayload {
  return {
    client_id: did,
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: method,
    tls_client_certificate_bound_access_tokens: true,
    authorization_details_types: [AGENT_ACTION],
    ...(method === "tls_client_auth"
      ? { tls_client_auth_san_uri: agentSpiffeId(name) }
      : { jwks: { keys: keys as never } }),
  };
}

/** Where the authorization server finds its clients and remembers used assertions: the database, each time. */
export function createAdapter(db: Database, clock: () => Date): (model: string) => Adapter {
  return (model) => {
    const nothing = async () => undefined;
    const unused = async () => ensure(false, `the authorization server keeps no ${model}`);
    const none = {
      findByUserCode: nothing,
      findByUid: nothing,
      consume: unused,
      destroy: unused,
      revokeByGrantId: unused,
    };
    if (model === "Client")
      return {
        ...none,
        upsert: unused,
        find: async (did) => {
          const method = usedAuthMethod(Provider.ctx);
          const { clientAuth, client } = await oauthClient(db, did, clock());
          requireAllowed(method, clientAuth);
          return client ? clientMetadata(did, client, method) : undefined;
        },
      };
    if (model === "ReplayDetection")
      return {
        ...none,
        /** The insert below decides, so that of two at once one loses. */
        find: nothing,
        upsert: async (id, payload) => {
          const expiresAt = new Date((payload.exp ?? 0) * 1000);
          if (!(await claimAssertion(db, { id, expiresAt })))
            throw new errors.InvalidClientAuth("client assertion tokens must only be used once");
        },
      };
    return { ...none, find: nothing, upsert: unused };
  };
}

/** @throws InvalidClientAuth that says so, where the policy of this moment does not allow the method. */
function requireAllowed(method: ClientAuthMethod, allowed: readonly ClientAuthMethod[]): void {
  if (allowed.includes(method)) return;
  const description = `The policy does not allow ${method}. Authenticate with ${allowed.join(" or ")}.`;
  throw Object.assign(new errors.InvalidClientAuth(description), { error_description: description });
}

import { type Adapter, type AdapterPayload, errors } from "oidc-provider";
import type { Database } from "../../../db/client.ts";
import { ensure } from "../../kernel/ensure.ts";
import { claimAssertion } from "../../layers/authorization/claim-assertion.ts";
import { AGENT_ACTION } from "../../layers/authorization/details-schema.ts";
import { liveOauthKeys } from "../../layers/authorization/store.ts";

/** What the authorization server is told of a client: an agent, by its DID, with the OAuth keys that live now. */
function clientMetadata(did: string, keys: unknown[]): AdapterPayload {
  return {
    client_id: did,
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: "private_key_jwt",
    tls_client_certificate_bound_access_tokens: true,
    authorization_details_types: [AGENT_ACTION],
    jwks: { keys: keys as never },
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
          const keys = await liveOauthKeys(db, did, clock());
          return keys ? clientMetadata(did, keys) : undefined;
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

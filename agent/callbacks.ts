import type { JSONWebKeySet } from "jose";
import { refusalOf } from "./answer.ts";
import type { CallbackSource } from "./callback-door.ts";
import { type Connection, openConnection } from "./connection.ts";
import type { Clock } from "./follow-clock.ts";
import type { KeptCredentials } from "./keep-credentials.ts";
import type { Identity } from "./state.ts";
import type { Patience } from "./until-answered.ts";
import { untilServed } from "./until-served.ts";

/** A signature by a key that is not known makes Vigil's keys be fetched again, no oftener than this. */
const FETCH_PAUSE_MS = 10_000;

/** What an agent's callback server needs of the agent. */
export function callbackSource(
  identity: Identity,
  credentials: KeptCredentials,
  clock: Clock,
  own: () => Date,
): CallbackSource {
  let fetched: { at: number; keys: Promise<JSONWebKeySet> } | null = null;
  return {
    certificate: () => credentials.get("callback"),
    decryptionKey: credentials.decryptionKey,
    issuer: identity.issuer,
    did: identity.did,
    now: clock.now,
    keySet: (again) => {
      const at = own().getTime();
      if (!fetched || (again && at - fetched.at > FETCH_PAUSE_MS)) {
        const keys = fetchKeys(identity, own);
        fetched = { at, keys };
        keys.catch(() => {
          fetched = null;
        });
      }
      return fetched.keys;
    },
  };
}

/** Tells Vigil where the agent's callback server is. @throws AgentError the code of Vigil's refusal. */
export async function nameCallback(
  identity: Identity,
  connection: () => Connection,
  url: string,
  patience: Patience,
): Promise<void> {
  const answer = await untilServed(
    () =>
      connection().send({
        method: "PUT",
        url: new URL("/v1/callback", identity.gatewayUrl).href,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ url }),
      }),
    patience,
  );
  if (answer.status >= 300) throw refusalOf(answer);
}

async function fetchKeys(identity: Identity, now: () => Date): Promise<JSONWebKeySet> {
  const connection = openConnection(identity.rootPem, null, { connections: 1, now });
  try {
    const url = new URL("/.well-known/callback-jwks.json", identity.enrolUrl).href;
    const answer = await connection.send({ method: "GET", url, headers: {} });
    if (answer.status >= 300) throw refusalOf(answer);
    return answer.body as JSONWebKeySet;
  } finally {
    await connection.close();
  }
}

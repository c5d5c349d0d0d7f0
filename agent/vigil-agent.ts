import { PURPOSES, type Purpose } from "../server/layers/identity/schema.ts";
import type { Action, AdmissionAnswer } from "../server/layers/monitoring/action.ts";
import { type Connection, openConnection } from "./connection.ts";
import { keepTokens } from "./keep-tokens.ts";
import { renewalDueAt, renewCredential } from "./renew-credential.ts";
import { type AccessToken, requestToken } from "./request-token.ts";
import { sendActions } from "./send-actions.ts";
import { type Credential, readCredential, readIdentity } from "./state.ts";

export { enrol } from "./enrol.ts";
export { AgentError } from "./errors.ts";
export type { AccessToken, Action, AdmissionAnswer as Answer };

const RENEWAL_CHECK_MS = 30_000;
const PATIENCE_MS = 60_000;

export type AgentOptions = {
  /** What tokens are asked for; none means all that was granted. */
  scopes?: readonly string[];
  /** Connections kept open to the gateway. */
  connections?: number;
  /** How long a call keeps trying, in milliseconds. */
  patienceMs?: number;
  /** Told of a renewal that failed; it is tried again. */
  onWarning?: (warning: Error) => void;
  now?: () => Date;
};

/** An enrolled agent at work: its tokens, its signed reports, the renewal of its credentials. */
export type VigilAgent = {
  name: string;
  did: string;
  gatewayUrl: string;
  token: (scopes?: readonly string[]) => Promise<AccessToken>;
  report: (actions: readonly Action[], options?: { scopes?: readonly string[] }) => Promise<AdmissionAnswer>;
  renew: (purpose: Purpose) => Promise<void>;
  /** When each credential ends. */
  expiries: () => Record<Purpose, Date>;
  close: () => Promise<void>;
};

/**
 * Opens an enrolled agent's directory and works from it. Credentials are renewed by themselves at two thirds
 * of their life; one process at a time may use a directory.
 *
 * @throws AgentError `not_enrolled`, `state_damaged`.
 */
export function openAgent(directory: string, options: AgentOptions = {}): VigilAgent {
  const now = options.now ?? (() => new Date());
  const identity = readIdentity(directory);
  const held = new Map(PURPOSES.map((purpose) => [purpose, readCredential(directory, purpose)]));
  const credential = (purpose: Purpose) => held.get(purpose) as Credential;
  const connect = () =>
    openConnection(identity.rootPem, credential("transport"), { connections: options.connections, now });
  const stopped = new AbortController();
  const patience = () => ({
    until: new Date(now().getTime() + (options.patienceMs ?? PATIENCE_MS)),
    now,
    signal: stopped.signal,
  });
  let connection: Connection = connect();
  const renewing = new Map<Purpose, Promise<void>>();

  const tokens = keepTokens((scopes) =>
    requestToken(identity, credential("oauth"), connection, scopes, patience()),
  );
  const token = (scopes = options.scopes ?? []) =>
    tokens.get(scopes, credential("transport").thumbprint, now());

  const renewNow = async (purpose: Purpose) => {
    held.set(purpose, await renewCredential(directory, identity, purpose, connection, patience()));
    if (purpose !== "transport") return;
    const before = connection;
    connection = connect();
    tokens.drop();
    void before.close();
  };
  const renew = (purpose: Purpose) => {
    const under = renewing.get(purpose) ?? renewNow(purpose).finally(() => renewing.delete(purpose));
    renewing.set(purpose, under);
    return under;
  };
  const renewDue = async () => {
    for (const purpose of PURPOSES)
      if (renewalDueAt(credential(purpose)) <= now())
        await renew(purpose).catch((error: Error) => {
          if (!stopped.signal.aborted) options.onWarning?.(error);
        });
  };
  const timer = setInterval(() => void renewDue(), RENEWAL_CHECK_MS).unref();
  void renewDue();

  return {
    name: identity.agent,
    did: identity.did,
    gatewayUrl: identity.gatewayUrl,
    token,
    renew,
    expiries: () =>
      Object.fromEntries(PURPOSES.map((purpose) => [purpose, credential(purpose).notAfter])) as Record<
        Purpose,
        Date
      >,
    report: (actions, { scopes } = {}) =>
      sendActions(
        {
          url: new URL("/v1/actions", identity.gatewayUrl).href,
          signature: () => credential("signature"),
          connection: () => connection,
          bearer: async () => (await token(scopes)).token,
          dropTokens: tokens.drop,
          now,
          signal: stopped.signal,
        },
        actions,
        options.patienceMs ?? PATIENCE_MS,
      ),
    close: async () => {
      clearInterval(timer);
      stopped.abort();
      await Promise.allSettled(renewing.values());
      await connection.close();
    },
  };
}

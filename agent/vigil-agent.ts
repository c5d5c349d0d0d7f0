import type { AskedDetail } from "../server/layers/authorization/details-schema.ts";
import { PURPOSES, type Purpose } from "../server/layers/identity/schema.ts";
import type { Action, AdmissionAnswer } from "../server/layers/monitoring/action.ts";
import { type CallbackDoorOptions, openCallbackDoor } from "./callback-door.ts";
import { callbackSource, nameCallback } from "./callbacks.ts";
import { followClock } from "./follow-clock.ts";
import { type KeptCredentials, keepCredentials } from "./keep-credentials.ts";
import { keepTokens } from "./keep-tokens.ts";
import { createPeering, type Peering } from "./peer/peering.ts";
import { type AccessToken, requestToken } from "./request-token.ts";
import { type Sender, sendActions } from "./send-actions.ts";
import { readIdentity } from "./state.ts";

export { enrol } from "./enrol.ts";
export { AgentError } from "./errors.ts";
export type { AccessToken, Action, AdmissionAnswer as Answer, AskedDetail };

const PATIENCE_MS = 60_000;

export type AgentOptions = {
  /** What tokens are asked for; none means all that was granted. */
  scopes?: readonly string[];
  /** Limits that tokens are asked for, narrower than the grants' (RFC 9396). */
  details?: readonly AskedDetail[];
  /** Connections kept open to the gateway. */
  connections?: number;
  /** How long a call keeps trying, in milliseconds. */
  patienceMs?: number;
  /** Told of a renewal that failed; it is tried again. */
  onWarning?: (warning: Error) => void;
  /** How old revocation lists may be before they are asked for anew, in milliseconds. */
  trustFreshMs?: number;
  now?: () => Date;
};

/** An enrolled agent at work: its tokens, its signed reports, the renewal of its credentials. */
export type VigilAgent = {
  name: string;
  did: string;
  gatewayUrl: string;
  token: (scopes?: readonly string[], details?: readonly AskedDetail[]) => Promise<AccessToken>;
  report: (
    actions: readonly Action[],
    options?: { scopes?: readonly string[]; details?: readonly AskedDetail[] },
  ) => Promise<AdmissionAnswer>;
  renew: (purpose: Purpose) => Promise<void>;
  /**
   * Opens the agent's own server and asks Vigil to tell it there what the agent waits for, such as the decision on an
   * approval. `url` is how Vigil reaches it.
   */
  listen: (
    options: Omit<CallbackDoorOptions, "onWarning"> & { url?: (port: number) => string },
  ) => Promise<{ port: number; close: () => Promise<void> }>;
  /** What serving and calling other agents is made of. */
  peering: Peering;
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
  const { now = () => new Date(), patienceMs = PATIENCE_MS, onWarning = () => undefined } = options;
  const identity = readIdentity(directory);
  const clock = followClock(now);
  const renewals = new Set<() => void>();
  const stopped = new AbortController();
  const { signal } = stopped;
  const patience = () => ({ until: new Date(now().getTime() + patienceMs), now, signal });
  const credentials = keepCredentials({
    ...{ directory, identity, now, clock, patience, connections: options.connections },
    onNewTransport: () => {
      tokens.drop();
      for (const listener of renewals) listener();
    },
    onRenewed: (purpose) => {
      if (purpose === "callback") for (const door of doors) door.renewed();
    },
    onWarning: (warning) => signal.aborted || onWarning(warning),
  });
  const doors = new Set<{ renewed: () => void; close: () => Promise<void> }>();
  const tokens = keepTokens((ask) =>
    requestToken(identity, credentials.get("oauth"), credentials.connection, ask, patience(), clock),
  );
  const token = (scopes = options.scopes ?? [], details = options.details ?? []) =>
    tokens.get({ scopes, details }, credentials.get("transport").thumbprint, clock.now());
  const sender = (scopes?: readonly string[], details?: readonly AskedDetail[]): Sender => ({
    url: new URL("/v1/actions", identity.gatewayUrl).href,
    signature: () => credentials.get("signature"),
    connection: credentials.connection,
    bearer: async () => (await token(scopes, details)).token,
    dropTokens: tokens.drop,
    ...{ now, clock, signal },
  });
  return {
    name: identity.agent,
    did: identity.did,
    gatewayUrl: identity.gatewayUrl,
    token,
    renew: credentials.renew,
    report: (actions, { scopes, details } = {}) => sendActions(sender(scopes, details), actions, patienceMs),
    listen: async (asked) => {
      const source = callbackSource(identity, credentials, clock, now);
      const door = await openCallbackDoor(source, { ...asked, onWarning });
      doors.add(door);
      const url = asked.url?.(door.port) ?? `https://localhost:${door.port}/`;
      await nameCallback(identity, credentials.connection, url, patience());
      return door;
    },
    peering: createPeering({
      ...{ identity, signal, now: clock.now, trustFreshMs: options.trustFreshMs, listeners: renewals },
      transport: () => credentials.get("transport"),
      connection: credentials.connection,
      bearer: async (scopes) => (await token(scopes)).token,
    }),
    expiries: () => expiriesOf(credentials),
    close: async () => {
      stopped.abort();
      await Promise.all([...doors].map((door) => door.close()));
      await credentials.close();
    },
  };
}

function expiriesOf(credentials: KeptCredentials): Record<Purpose, Date> {
  const ends = PURPOSES.map((purpose) => [purpose, credentials.get(purpose).notAfter]);
  return Object.fromEntries(ends) as Record<Purpose, Date>;
}

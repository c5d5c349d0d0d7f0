import type { KeyObject } from "node:crypto";
import { PURPOSES, type Purpose } from "../server/layers/identity/schema.ts";
import { type Connection, openConnection } from "./connection.ts";
import type { Clock } from "./follow-clock.ts";
import { renewalDueAt, renewCredential } from "./renew-credential.ts";
import { type Credential, type Identity, readCredential } from "./state.ts";
import type { Patience } from "./until-answered.ts";

const RENEWAL_CHECK_MS = 30_000;
/** A renewal that Vigil asked for is not tried again sooner, however often it asks. */
const ASKED_AGAIN_MS = 10_000;

/** The agent's credentials as they are now, and the connection that its transport certificate opens. */
export type KeptCredentials = {
  get: (purpose: Purpose) => Credential;
  /** The encryption key of this id: the newest, or the one before it, to which messages may still be under way. */
  decryptionKey: (keyId: string) => KeyObject | undefined;
  connection: () => Connection;
  renew: (purpose: Purpose) => Promise<void>;
  close: () => Promise<void>;
};

type Keeping = {
  directory: string;
  identity: Identity;
  connections: number | undefined;
  now: () => Date;
  /** The agent's clock as Vigil sets it. */
  clock: Clock;
  patience: () => Patience;
  /** Called when a credential was renewed. */
  onRenewed: (purpose: Purpose) => void;
  /** Called when connections with a new transport certificate have taken over. */
  onNewTransport: () => void;
  /** Told of a renewal that failed; it is tried again. */
  onWarning: (warning: Error) => void;
};

/**
 * Holds the five credentials of a directory and renews each by itself at two thirds of its life, or when Vigil asks.
 *
 * @throws AgentError `state_damaged`.
 */
export function keepCredentials(keeping: Keeping): KeptCredentials {
  const { directory, identity, now, patience } = keeping;
  const held = new Map(PURPOSES.map((purpose) => [purpose, readCredential(directory, purpose)]));
  const get = (purpose: Purpose) => held.get(purpose) as Credential;
  const connect = () =>
    openConnection(identity.rootPem, get("transport"), {
      connections: keeping.connections,
      now,
      onServerTime: keeping.clock.hear,
      onRenewAsked: (purposes) => renewAsked(purposes),
    });
  const renewing = new Map<Purpose, Promise<void>>();
  let connection = connect();
  let earlier: Credential | null = null;

  const renewNow = async (purpose: Purpose) => {
    const old = get(purpose);
    held.set(purpose, await renewCredential(directory, identity, purpose, () => connection, patience()));
    if (purpose === "encryption") earlier = old;
    keeping.onRenewed(purpose);
    if (purpose !== "transport") return;
    const before = connection;
    connection = connect();
    keeping.onNewTransport();
    void before.close();
  };
  const renew = (purpose: Purpose) => {
    const under = renewing.get(purpose) ?? renewNow(purpose).finally(() => renewing.delete(purpose));
    renewing.set(purpose, under);
    return under;
  };
  const askedAt = new Map<Purpose, number>();
  const renewAsked = (purposes: readonly Purpose[]) => {
    for (const purpose of purposes) {
      const at = now().getTime();
      if (renewing.has(purpose) || at - (askedAt.get(purpose) ?? 0) < ASKED_AGAIN_MS) continue;
      askedAt.set(purpose, at);
      void renew(purpose).catch(keeping.onWarning);
    }
  };
  const renewDue = async () => {
    for (const purpose of PURPOSES)
      if (renewalDueAt(get(purpose)) <= keeping.clock.now()) await renew(purpose).catch(keeping.onWarning);
  };
  const timer = setInterval(() => void renewDue(), RENEWAL_CHECK_MS).unref();
  void renewDue();

  return {
    get,
    decryptionKey: (keyId) =>
      [get("encryption"), earlier].find((credential) => credential?.keyId === keyId)?.privateKey,
    connection: () => connection,
    renew,
    close: async () => {
      clearInterval(timer);
      await Promise.allSettled(renewing.values());
      await connection.close();
    },
  };
}

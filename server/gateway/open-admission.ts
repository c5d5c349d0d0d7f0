import { performance } from "node:perf_hooks";
import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import type { Env } from "../env.ts";
import { writeEntries } from "../flows/admit-action/write-entries.ts";
import type { Admission } from "../flows/admit-action.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { claimProof } from "../layers/authorization/claim-proof.ts";
import { tlsPolicyFrom } from "../layers/identity/connection-schema.ts";
import { announceRecords } from "./announce-records.ts";
import { createDenials } from "./denials.ts";
import { createGroupCommit } from "./group-commit.ts";
import { guardConnections } from "./guard-connections.ts";
import { openLiveState } from "./live-state/open-live-state.ts";
import { noteGrants } from "./note-grants.ts";
import { openTokenKeys } from "./oauth/token-keys.ts";
import { observeConnections } from "./observe-connections.ts";
import { trackPresence } from "./presence.ts";
import { recordDenials } from "./record-denials.ts";
import { createFeed } from "./revocations/create-feed.ts";
import { createSightings } from "./sightings.ts";
import { receiptSigner } from "./sign-receipt.ts";
import { publishReceiptKey } from "./store.ts";
import { createTurns } from "./take-turns.ts";
import { trackSockets } from "./track-sockets.ts";
import { createTokenVerifier } from "./verify-token.ts";

const DENIALS_MS = 10_000;
const TOKEN_KEYS_MS = 1_000;

/**
 * Everything behind the agents' door: the live state, the queue to the database, the counters of refusals and the
 * connections.
 *
 * @param onDoorCertificate called when the doors' certificate may have changed; it never throws.
 */
export async function openAdmission(deps: {
  db: Database;
  env: Env;
  keys: KeyStore;
  gatewayId: string;
  log: Logger;
  clock: () => Date;
  onDoorCertificate: () => Promise<void>;
}) {
  const { db, env, keys, gatewayId, log, clock } = deps;
  const receiptKey = await keys.openOrCreate("receipt", "EdDSA", clock());
  await publishReceiptKey(db, receiptKey, clock());
  const tokenKeys = await openTokenKeys({ db, keys, log, clock });
  const sockets = trackSockets();
  const denials = createDenials();
  const guard = guardConnections({ db, gatewayId, sockets, log, clock });
  const feed = createFeed({ db, log, clock });
  const live = await openLiveState({
    db,
    databaseUrl: env.databaseUrl,
    gatewayId,
    log,
    clock,
    onChanges: guard.apply,
    tokenKeys,
    onDoorCertificate: () => void deps.onDoorCertificate(),
    onRevocation: feed.heard,
  });
  const records = announceRecords(db, log);
  const queue = createGroupCommit(
    async (entries) => {
      try {
        const outcomes = await writeEntries(db, entries);
        records.announce();
        return outcomes;
      } catch (error) {
        log.error({ err: error, requests: entries.length }, "a batch of records was not written");
        throw error;
      }
    },
    () => performance.now(),
  );
  const presence = trackPresence({ db, log, isEnrolled: (id) => live.agent(id)?.status === "enrolled" });
  const connections = observeConnections({
    ...{ db, log, clock, policy: tlsPolicyFrom(env.tlsMinVersion) },
    agentOf: (thumbprint) => live.transportCredential(thumbprint)?.agentId,
  });
  const sightings = createSightings({ db, log, clock, world: live });
  const grants = noteGrants({ db, log });
  const writeDenials = () => tellDenials({ db, gatewayId, log, clock }, denials);
  const timer = setInterval(() => void writeDenials(), DENIALS_MS);
  const tending = setInterval(
    () =>
      void tokenKeys
        .tend(clock())
        .catch((error: unknown) => log.warn({ err: error }, "the token keys could not be tended")),
    TOKEN_KEYS_MS,
  );
  const admission: Admission = {
    world: {
      ...live,
      takeTurn: createTurns().take,
      claimProof: (proof) => claimProof(db, proof),
      verifyToken: createTokenVerifier({ issuer: env.enrolUrl, audience: env.gatewayUrl, keys: tokenKeys }),
    },
    ledger: { commit: queue.commit, mayRecord: denials.mayRecord },
    signReceipt: receiptSigner(receiptKey),
    stranger: sightings.stranger,
    used: grants.used,
  };
  return {
    admission,
    tokenKeys,
    sockets,
    denials,
    presence,
    connections,
    sightings,
    feed,
    fresh: live.fresh,
    stateAgeMs: live.ageMs,
    refresh: live.refresh,
    /** What the gateway says of itself on the posture page. */
    said: () => ({
      liveStateAgeMs: Math.round(live.ageMs()),
      queueDepth: queue.depth(),
      agents: live.agentCount(),
      connections: sockets.count(),
      revocationStreams: feed.count(),
      unopenedTokenKeys: tokenKeys.unopened(clock()),
    }),
    close: async () => {
      clearInterval(timer);
      clearInterval(tending);
      await queue.drain();
      await records.close();
      await presence.close();
      await connections.close();
      await sightings.close();
      await feed.close();
      await grants.close();
      await live.close();
      await guard.close();
      await writeDenials();
    },
  };
}

/** Writes the counted refusals; what could not be written is counted on. */
async function tellDenials(
  deps: { db: Database; gatewayId: string; log: Logger; clock: () => Date },
  denials: ReturnType<typeof createDenials>,
): Promise<void> {
  const counts = denials.take();
  try {
    await recordDenials(deps.db, deps.gatewayId, counts, deps.clock());
  } catch (error) {
    denials.putBack(counts);
    deps.log.warn({ err: error }, "counted refusals could not be recorded yet");
  }
}

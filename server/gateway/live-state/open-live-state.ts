import { performance } from "node:perf_hooks";
import type { Logger } from "pino";
import type { Database } from "../../../db/client.ts";
import { listen, type Notice, notify } from "../../../db/listen.ts";
import { createReader, type Reader } from "./create-reader.ts";
import type { Change } from "./holdings.ts";

const PULSE_MS = 1_000;
/** Everything is read anew this often, so that a change nobody announced still arrives. */
const FULL_READ_MS = 30_000;
/** A listening connection whose echo stays away this long is thrown away and made anew. */
const ECHO_MS_MAX = 3_000;
/** What is held counts for this long; older, the gateway refuses everybody. */
export const LIVE_STATE_AGE_MS_MAX = 5_000;

/** The live state: what admission decides against, and how old it is. */
export type LiveState = Reader["view"] & {
  /** Resolves when what is held counts for the first time. */
  fresh: Promise<void>;
  /** How old what is held may be, in milliseconds of monotonic time. */
  ageMs: () => number;
  /** Reads an agent now: what was just given to it counts before it is told. */
  refresh: (did: string) => Promise<void>;
  close: () => Promise<void>;
};

type Deps = {
  db: Database;
  databaseUrl: string;
  gatewayId: string;
  log: Logger;
  clock: () => Date;
  onChanges: (changes: readonly Change[]) => void;
  onDoorCertificate: () => void;
  /** The keys of access tokens: as fresh as all else that admission decides by. */
  tokenKeys: { read: () => Promise<void> };
  /** Something was revoked, or a notice of it may have been lost. */
  onRevocation?: () => void;
};

/**
 * Reads the live state and keeps it fresh: by notices, and by a pulse each second that compares restrictions and
 * sends a notice to itself. Only when that echo has come back, and all that was announced before it has been read,
 * is the state as fresh as the pulse: so a listening connection that died unnoticed ages the state too.
 *
 * @throws when the first read fails.
 */
export async function openLiveState(deps: Deps): Promise<LiveState> {
  const reader = createReader(deps);
  const echo = createEcho(deps, reader);
  const beat = once(async () => {
    const sentAt = performance.now();
    if (sentAt - fullReadAt > FULL_READ_MS) {
      reader.stale.everything = true;
      fullReadAt = sentAt;
      doorsStale = true;
    }
    await reader.compare();
    await reader.settle();
    if (doorsStale) deps.onDoorCertificate();
    doorsStale = false;
    await echo.send(sentAt);
  });
  const heartbeat = () =>
    beat().catch((error: unknown) => deps.log.warn({ err: error }, "the live state could not be refreshed"));
  const openListener = () =>
    listen(deps.databaseUrl, {
      onNotice: (notice) => {
        if (!echo.hear(notice)) hear(deps, reader, notice);
      },
      onReconnect: () => {
        reader.stale.everything = true;
        doorsStale = true;
        void heartbeat();
        deps.onRevocation?.();
      },
    });

  let fullReadAt = performance.now();
  let doorsStale = false;
  await beat();
  let listener = openListener();
  const timer = setInterval(() => {
    if (echo.isOverdue()) {
      void listener.close();
      listener = openListener();
    }
    void heartbeat();
  }, PULSE_MS);

  return {
    ...reader.view,
    fresh: echo.fresh,
    ageMs: echo.ageMs,
    refresh: (did) => {
      const agent = reader.view.agentByDid(did);
      if (agent) reader.stale.agents.add(agent.id);
      else reader.stale.everything = true;
      return reader.settle();
    },
    close: async () => {
      clearInterval(timer);
      await listener.close();
      await heartbeat();
    },
  };
}

/** Marks what a notice speaks of and reads it at once. */
function hear(deps: Deps, reader: Reader, notice: Notice): void {
  if (notice.topic === "certificate" && notice.key === "door") deps.onDoorCertificate();
  else if (notice.topic === "revocation") deps.onRevocation?.();
  else if (mark(reader, notice))
    void reader
      .settle()
      .catch((error: unknown) => deps.log.warn({ err: error }, "the live state could not be re-read"));
}

/** @returns whether the notice speaks of anything that is held. */
function mark({ stale }: Reader, { topic, key }: Notice): boolean {
  if (topic === "token" || topic === "grant") stale.tokens = true;
  else if (topic === "policy") stale.policy = true;
  else if (topic === "rules") stale.rules = true;
  else if (topic === "agent" || topic === "isolation" || topic === "certificate")
    if (UUID.test(key)) stale.agents.add(key);
    else stale.everything = true;
  else return false;
  return true;
}

/** The notice that a gateway sends to itself: it proves that its listening connection hears. */
function createEcho({ db, gatewayId }: Deps, reader: Reader) {
  const prefix = `echo-${gatewayId}.`;
  let freshAt = Number.NEGATIVE_INFINITY;
  let heardAt = performance.now();
  let firstFresh = () => {};
  const fresh = new Promise<void>((resolve) => {
    firstFresh = resolve;
  });
  return {
    fresh,
    ageMs: () => performance.now() - freshAt,
    /** Whether the listener should be replaced; asked again, it answers for the new one. */
    isOverdue(): boolean {
      if (performance.now() - heardAt <= ECHO_MS_MAX) return false;
      heardAt = performance.now();
      return true;
    },
    send: (sentAt: number) => notify(db, "process", prefix + Math.floor(sentAt)),
    /** Whether the notice was an echo of this gateway's own. */
    hear({ topic, key }: Notice): boolean {
      if (topic !== "process" || !key.startsWith(prefix)) return false;
      heardAt = performance.now();
      const sentAt = Number(key.slice(prefix.length));
      void reader
        .settle()
        .then(() => {
          freshAt = Math.max(freshAt, sentAt);
          firstFresh();
        })
        .catch(() => undefined);
      return true;
    },
  };
}

/** Runs one at a time: whoever calls meanwhile gets the running one. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= work().finally(() => {
      running = null;
    });
    return running;
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
